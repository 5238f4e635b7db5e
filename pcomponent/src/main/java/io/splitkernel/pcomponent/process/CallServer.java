package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.pcomponent.fault.AddressSpaces;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.concurrent.locks.Lock;

/**
 * Carries out reported calls, one after the other: finds the caller's address space, sees to it
 * that it has an agent, and leaves the rest to {@link MemoryCalls}. Belongs to one thread.
 */
final class CallServer implements AutoCloseable {
  private static final long PR_SET_CHILD_SUBREAPER = 36;

  private final ProgramFamily family;
  private final MemoryCalls calls;
  private final Failures failures;
  private final Beacon beacon;
  private final LastWords lastWords;
  private final AgentSetup setup;
  private final GuardCalls guards;

  CallServer(
      Arena arena,
      AddressSpaces spaces,
      ProgramFamily family,
      MemoryCalls calls,
      SupervisorConfig config,
      SignalGuard guard,
      Failures failures) {
    this.family = family;
    this.calls = calls;
    this.failures = failures;
    this.beacon = new Beacon(spaces.nonce());
    this.lastWords = new LastWords(spaces, arena);
    this.guards = new GuardCalls(guard);
    this.setup = new AgentSetup(arena, spaces, family, config);
  }

  /** Answers a call, whatever happens. */
  void serve(Call call) {
    try {
      if (call.number() == DescriptorHandover.CALL) {
        family.descriptors().onAsked(call);
        return;
      }
      if (SeenCalls.of(call.architecture(), call.number()) == SeenCalls.PTRACE) {
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

  private void serve(Call call, int space) throws TaskEndedException {
    SeenCalls seen = SeenCalls.of(call.architecture(), call.number());
    if (seen != null && LastWords.concerns(seen)) {
      lastWords.onCall(space, call, seen);
      call.answer(MemoryCalls.PROCEED);
      return;
    }
    LiveSpace live = family.begin(space);
    if (live == null) {
      call.answer(MemoryCalls.PROCEED); // its space is gone: it is about to be killed
    } else {
      carryOut(call, live);
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
    if (status == null || family.isLeftAlone(status.pid())) {
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
        family.leaveAlone(status.pid());
      }
    } catch (IOException e) {
      family.leaveAlone(status.pid());
      call.answer(MemoryCalls.PROCEED); // no effect when the thread was borrowed already
    } finally {
      lock.unlock();
    }
  }

  private void carryOut(Call call, LiveSpace space) throws TaskEndedException {
    space.lock();
    try {
      if (space.agent() == null && !space.isLocal()) {
        ProcStatus status = ProcStatus.of(call.tid());
        if (status == null || guards.letGo(call)) {
          return;
        }
        try {
          setup.claim(call, status, space);
          guards.onClaimed(status);
          return;
        } catch (IOException e) {
          if (System.getenv("LEGO_DEBUG") != null) System.err.println("DEBUG claim " + e);
          family.makeLocal(space);
        }
      }
      guards.onCall(call);
      call.answer(
          space.isLocal()
              ? MemoryCalls.PROCEED
              : calls.carryOut(
                  space, call.tid(), call.architecture(), call.number(), call.arguments()));
    } finally {
      space.unlock();
    }
  }

  @Override
  public void close() {
    beacon.close();
    lastWords.close();
    guards.close();
  }
}
