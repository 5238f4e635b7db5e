package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.Layout;
import io.splitkernel.ffi.ProcessVm;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.pcomponent.space.AddressSpaceModel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One supervised address space. It has an agent from its exec on, or, when it began as a fork, from
 * its first memory call on. Whoever changes it or carries out its calls holds its lock.
 */
final class LiveSpace implements SpaceCalls {
  private static final long SYS_MUNLOCK = 150;
  private static final long OWN_ADDRESS = Layout.of("LEGO_OWN_ADDRESS");
  private static final long OWN_BYTES = Layout.of("LEGO_OWN_BYTES");

  private final int number;
  private final AddressSpaceModel model;
  private final DescriptorHandover descriptors;
  private final Set<Integer> pids = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private volatile InProgramAgent agent;
  private volatile boolean local;
  private long endedAwayBytes;
  private int dumpedPid;

  /**
   * @param number the pager's.
   * @param model its mappings.
   * @param descriptors by which agents get the program's.
   */
  LiveSpace(int number, AddressSpaceModel model, DescriptorHandover descriptors) {
    this.number = number;
    this.model = model;
    this.descriptors = descriptors;
  }

  @Override
  public int number() {
    return number;
  }

  @Override
  public AddressSpaceModel model() {
    return model;
  }

  /** Its agent, or null. */
  InProgramAgent agent() {
    return agent;
  }

  /** Whether it has an agent that is a thread of the program's. */
  boolean hasThreadAgent() {
    InProgramAgent current = agent;
    return current != null && current.isThread();
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

  /** Locks if that takes no longer than a time. */
  boolean tryLock(long timeoutNs) throws InterruptedException {
    return lock.tryLock(timeoutNs, TimeUnit.NANOSECONDS);
  }

  /** Whether a thread waits for the lock. */
  boolean isAwaited() {
    return lock.hasQueuedThreads();
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

  /** What it had elsewhere at its end; 0 before. With {@link CoreDumps}' lock. */
  long endedAwayBytes() {
    return endedAwayBytes;
  }

  void endedAwayBytes(long bytes) {
    endedAwayBytes = bytes;
  }

  /** The process of it that dumped its core, or 0. With {@link CoreDumps}' lock. */
  int dumpedPid() {
    return dumpedPid;
  }

  void dumpedPid(int pid) {
    dumpedPid = pid;
  }

  @Override
  public int agentTid() {
    InProgramAgent current = agent;
    return current == null ? 0 : current.tid();
  }

  @Override
  public long call(long number, long a, long b, long c, long d, long e) {
    return call(number, a, b, c, d, e, 0);
  }

  private long call(long number, long a, long b, long c, long d, long e, long f) {
    InProgramAgent current = agent;
    return current == null ? -Errno.ESRCH : current.call(number, a, b, c, d, e, f);
  }

  @Override
  public long mapFile(
      int tid, int fd, long address, long bytes, long protection, long flags, long offset) {
    return descriptors.lend(
        tid,
        fd,
        key -> call(DescriptorHandover.CALL, key, 0, 0, 0, 0),
        theirs -> call(MemoryCalls.SYS_MMAP, address, bytes, protection, flags, theirs, offset),
        theirs -> call(DescriptorHandover.SYS_CLOSE, theirs, 0, 0, 0, 0));
  }

  @Override
  public long read(int tid, long address, byte[] into) {
    try (ProcessVm memory = new ProcessVm(into.length)) {
      if (memory.read(tid, address, into.length) != into.length) {
        return -Errno.EFAULT;
      }
      for (int i = 0; i < into.length; i++) {
        into[i] = RawMemory.getByte(memory.address() + i);
      }
      return 0;
    }
  }

  @Override
  public void unlockOwn() {
    call(SYS_MUNLOCK, OWN_ADDRESS, OWN_BYTES, 0, 0, 0);
  }
}
