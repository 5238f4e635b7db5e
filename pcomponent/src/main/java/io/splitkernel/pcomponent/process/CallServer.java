package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.pcomponent.fault.AddressSpaces;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.AccessDeniedException;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;

/**
 * Carries out reported calls, one after the other: finds the caller's address space, sees to it
 * that it has an agent, and leaves the rest to {@link MemoryCalls}. Belongs to one thread.
 */
final class CallServer implements AutoCloseable {
  private static final long PR_SET_DUMPABLE = 4;
  private static final long PR_SET_CHILD_SUBREAPER = 36;
  private static final long RELEASE_NS = 1_000_000_000L;
  private static final long RELEASE_LOOK_NS = 200_000L;

  private final AddressSpaces spaces;
  private final long cacheBytes;
  private final ProgramFamily family;
  private final MemoryCalls calls;
  private final Failures failures;
  private final Beacon beacon;
  private final LastWords lastWords;
  private final MemoryFiles memoryFiles;
  private final AgentSetup setup;
  private final GuardCalls guards;
  private final BorrowedCalls borrowed;
  private final ThreadCalls threads;

  CallServer(
      Arena arena,
      AddressSpaces spaces,
      ProgramFamily family,
      MemoryCalls calls,
      SupervisorConfig config,
      SignalGuard guard,
      Failures failures) {
    this.spaces = spaces;
    this.cacheBytes = config.cacheBytes();
    this.family = family;
    this.calls = calls;
    this.failures = failures;
    this.beacon = new Beacon(spaces.nonce());
    this.lastWords = new LastWords(spaces, arena);
    this.memoryFiles = new MemoryFiles(spaces, beacon);
    this.guards = new GuardCalls(guard);
    this.threads = new ThreadCalls(family);
    this.setup = new AgentSetup(arena, spaces, family, config);
    this.borrowed = new BorrowedCalls(arena, family);
  }

  /** Answers a call, whatever happens. */
  void serve(Call call) {
    try {
      if (call.number() == DescriptorHandover.CALL) {
        family.descriptors().onAsked(call, here -> family.install(call, call.tid(), here));
        return;
      }
      if (call.number() == StrictCalls.FORBIDDEN) {
        StrictCalls.onForbidden(call);
        return;
      }
      if (SeenCalls.of(call.architecture(), call.number()) == SeenCalls.PTRACE) {
        awaitBorrowed((int) call.arguments()[1]);
        threads.onPtrace(call);
        guards.onPtrace(call);
        return;
      }
      noteSubreaper(call);
      int space = beacon.spaceOf(call.tid());
      if (space < 0) {
        call.answer(MemoryCalls.PROCEED); // the caller is gone
      } else if (space == Beacon.NONE) {
        attach(call);
      } else {
        serve(call, space);
      }
    } catch (TaskEndedException e) {
      // nobody waits for the answer
    } catch (RuntimeException e) {
      failures.lego(
          "memory call " + call.number() + " of thread " + call.tid() + ": " + e.getMessage());
      ProcessKiller.kill(call.tid());
      call.answer(-Errno.ENOMEM);
    }
  }

  /** A process that the program is going to trace may just be traced to be given its agent. */
  private void awaitBorrowed(int pid) {
    if (pid <= 0) {
      return;
    }
    int number;
    Lock attaching = family.attachLock(pid);
    attaching.lock();
    try {
      number = beacon.spaceOf(pid);
    } finally {
      attaching.unlock();
    }
    LiveSpace space = number > 0 ? family.begin(number) : null;
    if (space != null) {
      space.lock();
      space.unlock();
    }
    long until = System.nanoTime() + RELEASE_NS;
    while (family.interrupted().contains(pid) && System.nanoTime() - until < 0) {
      LockSupport.parkNanos(RELEASE_LOOK_NS);
    }
  }

  private void serve(Call call, int space) throws TaskEndedException {
    SeenCalls seen = SeenCalls.of(call.architecture(), call.number());
    if (seen == SeenCalls.PREAD64 || seen == SeenCalls.PWRITE64) {
      memoryFiles.onCall(call, seen == SeenCalls.PWRITE64);
      call.answer(MemoryCalls.PROCEED);
      return;
    }
    if (seen != null && LastWords.concerns(seen)) {
      lastWords.onCall(space, call, seen);
      if (seen == SeenCalls.SET_ROBUST_LIST && claimEarly(call, space)) {
        return;
      }
      call.answer(MemoryCalls.PROCEED);
      return;
    }
    LiveSpace live = family.begin(space);
    if (live == null) {
      call.answer(MemoryCalls.PROCEED); // its space is gone: it is about to be killed
    } else if (seen != null && ThreadCalls.concerns(seen) && !BorrowedCalls.concerns(call)) {
      threads.onCall(call, seen, live);
      call.answer(MemoryCalls.PROCEED);
    } else {
      carryOut(call, live);
    }
  }

  /**
   * A forked child sets up its robust list before anything else, and may make no memory call at
   * all. It gets its agent at once where memory is short, since its pages could not leave
   * otherwise.
   */
  private boolean claimEarly(Call call, int number) throws TaskEndedException {
    LiveSpace space = spaces.bytesInUse() > cacheBytes / 2 ? family.begin(number) : null;
    if (space == null) {
      return false;
    }
    space.lock();
    try {
      return isWithoutAgent(space) && claim(call, space);
    } finally {
      space.unlock();
    }
  }

  private void noteSubreaper(Call call) {
    if (SeenCalls.of(call.architecture(), call.number()) == SeenCalls.PRCTL
        && call.arguments()[0] == PR_SET_CHILD_SUBREAPER
        && call.arguments()[1] != 0) {
      ProcStatus status = ProcStatus.of(call.tid());
      if (status != null) {
        family.onSubreaper(status.pid());
      }
    }
  }

  private void attach(Call call) throws TaskEndedException {
    ProcStatus status = ProcStatus.of(call.tid());
    if (status == null || family.isLeftAlone(status.pid(), beginsProgram(call))) {
      guards.onCall(call);
      call.answer(MemoryCalls.PROCEED);
      return;
    }
    Lock lock = family.attachLock(status.pid());
    lock.lock();
    try {
      int made = beacon.spaceOf(call.tid());
      if (made > 0) { // by another thread, meanwhile
        serve(call, made);
      } else if (setup.attach(call, status) == null) {
        family.leaveAlone(status.pid(), beginsProgram(call));
      }
    } catch (AccessDeniedException e) { // nothing can be supervised
      failures.fatal(e.getReason());
    } catch (IOException e) {
      family.leaveAlone(status.pid(), beginsProgram(call));
      call.answer(MemoryCalls.PROCEED); // no effect when the thread was borrowed already
    } finally {
      lock.unlock();
    }
  }

  /** Every program makes this call at its start, so it may be another one than was left alone. */
  private static boolean beginsProgram(Call call) {
    return SeenCalls.of(call.architecture(), call.number()) == SeenCalls.SET_TID_ADDRESS;
  }

  private void carryOut(Call call, LiveSpace space) throws TaskEndedException {
    space.lock();
    try {
      family.endKilledAgent(space);
      if (isWithoutAgent(space) && claim(call, space)) {
        return;
      }
      if (goesOutOfSight(call)) {
        family.endAgent(space);
        family.makeLocal(space);
      }
      guards.onCall(call);
      if (!space.isLocal() && BorrowedCalls.concerns(call)) {
        if (!guards.letGo(call)) {
          borrowed.carryOut(call);
        }
        return;
      }
      long result =
          space.isLocal()
              ? MemoryCalls.PROCEED
              : calls.carryOut(
                  space, call.tid(), call.architecture(), call.number(), call.arguments());
      family.endKilledAgent(space);
      if (result == InProgramAgent.GONE && isWithoutAgent(space) && claim(call, space)) {
        return;
      }
      call.answer(result);
    } finally {
      space.unlock();
    }
  }

  /** PR_SET_DUMPABLE: without privilege, nothing can be asked or done in such a process. */
  private boolean goesOutOfSight(Call call) {
    long[] a = call.arguments();
    return SeenCalls.of(call.architecture(), call.number()) == SeenCalls.PRCTL
        && a[0] == PR_SET_DUMPABLE
        && a[1] == 0
        && !family.access().isPrivileged();
  }

  private static boolean isWithoutAgent(LiveSpace space) {
    return space.agent() == null && !space.isLocal();
  }

  /** Gives a space an agent; true when the caller makes its call again, or is gone. */
  private boolean claim(Call call, LiveSpace space) throws TaskEndedException {
    ProcStatus status = ProcStatus.of(call.tid());
    if (status == null || guards.letGo(call)) {
      return true;
    }
    if (family.interrupted().contains(call.tid())) { // it stops, and is let go
      call.answerAgain();
      return true;
    }
    try {
      setup.claim(call, status, space);
      guards.onClaimed(status);
      return true;
    } catch (IOException e) {
      family.makeLocal(space);
      return false;
    }
  }

  @Override
  public void close() {
    beacon.close();
    lastWords.close();
    memoryFiles.close();
    guards.close();
    borrowed.close();
  }
}
