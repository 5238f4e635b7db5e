package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.ProcessVm;
import io.splitkernel.ffi.RawMemory;

/**
 * What the {@link SignalGuard} must know of the reported calls: handlers of signals, and tracers
 * inside the program. Belongs to one thread.
 */
final class GuardCalls implements AutoCloseable {
  private static final int SA_RESTART = 0x10000000;
  private static final int PTRACE_TRACEME = 0;

  /** SIG_IGN; SIG_DFL is below it. */
  private static final long IGNORED = 1;

  /** The two signals that the C library keeps for itself, with SA_RESTART. */
  private static final long LIBRARY_SIGNALS = 3L << 31;

  private final SignalGuard guard;
  private final ProcessVm memory = new ProcessVm(2 * Long.BYTES);

  GuardCalls(SignalGuard guard) {
    this.guard = guard;
  }

  /** Guards the caller's process if a call sets up a handler that asks for it. */
  void onCall(Call call) {
    if (SeenCalls.of(call.architecture(), call.number()) == SeenCalls.RT_SIGACTION
        && !guard.hasThread(call.tid())
        && interrupts(call)) {
      ProcStatus status = ProcStatus.of(call.tid());
      if (status != null) {
        guard.guard(status.pid());
      }
    }
  }

  /** Whether the struct sigaction is that of a handler without SA_RESTART. */
  private boolean interrupts(Call call) {
    boolean words64 = call.architecture() == SeenCalls.ARCH_X86_64;
    int bytes = words64 ? 2 * Long.BYTES : 2 * Integer.BYTES;
    if (memory.read(call.tid(), call.arguments()[1], bytes) != bytes) {
      return false;
    }
    long at = memory.address();
    long handler =
        words64 ? RawMemory.getLong(at) : Integer.toUnsignedLong((int) RawMemory.getLong(at));
    long flags = words64 ? RawMemory.getLong(at + 8) : RawMemory.getLong(at) >>> 32;
    return Long.compareUnsigned(handler, IGNORED) > 0 && (flags & SA_RESTART) == 0;
  }

  /** Guards a process, forked perhaps by a guarded one, that has inherited handlers. */
  void onClaimed(ProcStatus status) {
    if (guard.isInUse() && (status.caught() & ~LIBRARY_SIGNALS) != 0) {
      guard.guard(status.pid());
    }
  }

  /**
   * Lets go of a thread that is to be borrowed.
   *
   * @return true when it was guarded: its call is answered, and will be made again.
   */
  boolean letGo(Call call) {
    boolean guarded = guard.letGoThread(call.tid());
    if (guarded) {
      call.answerAgain();
    }
    return guarded;
  }

  /** Answers a ptrace(2) by which the program is going to trace; nobody else may do it then. */
  void onPtrace(Call call) {
    boolean again = false;
    ProcStatus caller = ProcStatus.of(call.tid());
    if (caller != null && call.arguments()[0] == PTRACE_TRACEME) {
      again = guard.letGo(caller.pid(), call.tid());
    } else if (caller != null && caller.pidNamespaces() == 1) {
      ProcStatus target = ProcStatus.of((int) call.arguments()[1]);
      again = target != null && guard.letGo(target.pid(), call.tid());
    } else if (caller != null) { // its numbers are others
      for (int pid : guard.processes()) {
        again |= guard.letGo(pid, call.tid());
      }
    }
    if (again) {
      call.answerAgain();
    } else {
      call.answer(MemoryCalls.PROCEED);
    }
  }

  @Override
  public void close() {
    memory.close();
  }
}
