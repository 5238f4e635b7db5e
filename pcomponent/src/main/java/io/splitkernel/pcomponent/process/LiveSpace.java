package io.splitkernel.pcomponent.process;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One supervised address space. It has an agent from its exec on, or, when it began as a fork, from
 * its first memory call on. Whoever changes it or carries out its calls holds its lock.
 */
final class LiveSpace {
  private final int number;
  private final Set<Integer> pids = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private volatile InProgramAgent agent;
  private volatile boolean local;

  /**
   * @param number the pager's.
   */
  LiveSpace(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  /** Its agent, or null. */
  InProgramAgent agent() {
    return agent;
  }

  void agent(InProgramAgent current) {
    agent = current;
  }

  /** Takes the agent out, or null. */
  InProgramAgent takeAgent() {
    InProgramAgent taken = agent;
    agent = null;
    return taken;
  }

  void lock() {
    lock.lock();
  }

  void unlock() {
    lock.unlock();
  }

  /** Processes that are known to live in it. */
  Set<Integer> pids() {
    return pids;
  }

  /** Whether nothing of it is supervised, since it could not get an agent. */
  boolean isLocal() {
    return local;
  }

  /** Nothing of it is supervised from now on. */
  void becomeLocal() {
    local = true;
  }
}
