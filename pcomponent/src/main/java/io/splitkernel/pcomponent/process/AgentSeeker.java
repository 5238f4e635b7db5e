package io.splitkernel.pcomponent.process;

import io.splitkernel.pcomponent.fault.AddressSpaces;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives agents to address spaces that make no memory call by which they would get one, when their
 * pages ought to leave: it stops a thread of them wherever that is, and borrows it. What does not
 * succeed is tried later. One thread, {@code lego-seeker}, started with the first wish.
 */
final class AgentSeeker implements AutoCloseable {
  private static final long LOCK_NS = 50_000_000L;
  private static final long LATE_NS = 1_000_000L;
  private static final long CLOSE_MS = 2_000;

  private final AddressSpaces spaces;
  private final ProgramFamily family;
  private final SupervisorConfig config;
  private final SignalGuard guard;
  private final Failures failures;
  private final AgentWishes wishes = new AgentWishes();
  private Thread thread;
  private volatile boolean closed;

  AgentSeeker(
      AddressSpaces spaces,
      ProgramFamily family,
      SupervisorConfig config,
      SignalGuard guard,
      Failures failures) {
    this.spaces = spaces;
    this.family = family;
    this.config = config;
    this.guard = guard;
    this.failures = failures;
  }

  /** A space wants an agent; nobody waits for it. Any thread. */
  void want(int space) {
    wishes.add(space, System.nanoTime());
    startOnce();
  }

  /** A space has ended. */
  void forget(int space) {
    wishes.remove(space);
  }

  private synchronized void startOnce() {
    if (thread == null && !closed) {
      thread = Thread.ofPlatform().daemon().name("lego-seeker").start(this::run);
    }
  }

  private void run() {
    try (Arena arena = Arena.ofConfined();
        GuardCalls guards = new GuardCalls(guard);
        Interruption interruption = new Interruption(arena, family.interrupted())) {
      AgentSetup setup = new AgentSetup(arena, spaces, family, config);
      while (!closed) {
        Set<Integer> due = wishes.await(interruption.hasLate() ? LATE_NS : Long.MAX_VALUE);
        interruption.letGoLate();
        if (!due.isEmpty()) {
          Map<Integer, List<Integer>> pids = family.pidsIn(due);
          for (int space : due) {
            boolean done = give(space, pids.get(space), setup, interruption, guards);
            wishes.tried(space, done, System.nanoTime());
          }
        }
      }
    } catch (InterruptedException e) {
      // closed
    } catch (RuntimeException | Error e) {
      failures.fatal("the thread that seeks places for agents failed: " + e);
    }
  }

  /** Whether the space needs no more attempts. */
  private boolean give(
      int number,
      List<Integer> pids,
      AgentSetup setup,
      Interruption interruption,
      GuardCalls guards)
      throws InterruptedException {
    LiveSpace space = pids == null ? null : family.begin(number);
    if (space == null || !space.tryLock(LOCK_NS)) {
      return false;
    }
    try {
      family.endKilledAgent(space);
      if (space.agent() != null || space.isLocal()) {
        return true;
      }
      for (int pid : pids) {
        ProcStatus status = ProcStatus.of(pid);
        boolean usual = status != null && status.filters() <= family.filtersExpected();
        int tid = usual ? stop(pid, space, interruption) : 0;
        if (tid != 0) {
          return borrow(tid, status, space, setup, interruption, guards);
        }
      }
      return false;
    } finally {
      space.unlock();
    }
  }

  /** Stops some thread of a process; 0 when that is not possible now. */
  private static int stop(int pid, LiveSpace space, Interruption interruption) {
    String[] names = new File("/proc/" + pid + "/task").list();
    for (String name : names == null ? new String[0] : names) {
      int tid = Integer.parseInt(name);
      if (InterruptibleCalls.mayStop(tid)) {
        return interruption.stop(tid, space::isAwaited) ? tid : 0;
      }
    }
    return 0;
  }

  private boolean borrow(
      int tid,
      ProcStatus status,
      LiveSpace space,
      AgentSetup setup,
      Interruption interruption,
      GuardCalls guards) {
    try {
      setup.claim(tid, status, space);
      guards.onClaimed(status);
      return true;
    } catch (TaskEndedException | IOException e) {
      return false;
    } finally {
      interruption.over(tid);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (thread != null) {
      thread.interrupt();
      try {
        thread.join(CLOSE_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
