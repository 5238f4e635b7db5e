package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.Layout;
import io.splitkernel.ffi.ProcessVm;
import io.splitkernel.ffi.RawMemory;

/**
 * Strict seccomp(2): the kernel refuses it to whoever has a filter, as every program here has. So
 * the thread gets a filter that allows the same four calls. Any other one ends in a signal whose
 * handler, in the agent's code, asks to be killed ({@link #onForbidden}): a filter itself would
 * kill by another signal. Belongs to one thread.
 */
final class StrictCalls {
  /** By which the agent's code says that a strict thread has made a call that it may not. */
  static final int FORBIDDEN = (int) Layout.of("LEGO_CALL_FORBIDDEN");

  private static final long SYS_SECCOMP = 317;
  private static final long SYS_RT_SIGACTION = 13;
  private static final long SYS_PRCTL = 157;
  private static final int PR_SET_SECCOMP = 22;
  private static final int SET_MODE_STRICT = 0;
  private static final int MODE_STRICT = 1;
  private static final long PR_SET_NO_NEW_PRIVS = 38;
  private static final long SET_MODE_FILTER = 1;
  private static final long SIGSYS = 31;
  private static final long SA_RESTORER = 0x04000000;
  private static final int SIGACTION_BYTES = 32;
  private static final int PROGRAM_AT = 16;
  private static final long SCRATCH = Layout.of("LEGO_SCRATCH_ADDRESS");
  private static final long HANDLER = Layout.of("LEGO_FORBIDDEN_ADDRESS");

  /** read, write, exit, rt_sigreturn. */
  private static final int[] ALLOWED = {0, 1, 60, 15, FORBIDDEN};

  /** The same of i386, whose handlers could not lie where ours is. */
  private static final int[] ALLOWED_I386 = {3, 4, 1, 119};

  private static final byte[] PROGRAM = FilterProgram.strict(ALLOWED, ALLOWED_I386);

  private final Injection injection;
  private final ProcessVm memory;

  /**
   * @param injection that has borrowed the thread when a call is carried out.
   * @param memory to reach its memory with.
   */
  StrictCalls(Injection injection, ProcessVm memory) {
    this.injection = injection;
    this.memory = memory;
  }

  /** Whether a prctl(2) is about that. */
  static boolean isPrctl(long[] a) {
    return (int) a[0] == PR_SET_SECCOMP && a[1] == MODE_STRICT;
  }

  /** Whether a seccomp(2) is about that. */
  static boolean isSeccomp(long[] a) {
    return (int) a[0] == SET_MODE_STRICT;
  }

  /** Whether a call would succeed natively: a sound one of a thread without filters of its own. */
  static boolean isDue(Call call, boolean filtered) {
    long[] a = call.arguments();
    return !filtered && (call.number() == SYS_PRCTL || ((int) a[1] == 0 && a[2] == 0));
  }

  long carryOut(Call call) throws TaskEndedException {
    long at = memory.address();
    RawMemory.putLong(at, HANDLER);
    RawMemory.putLong(at + 8, SA_RESTORER);
    RawMemory.putLong(at + 16, HANDLER);
    RawMemory.putLong(at + 24, -1);
    if (memory.write(call.tid(), SCRATCH, SIGACTION_BYTES) != SIGACTION_BYTES) {
      return -Errno.EFAULT;
    }
    injection.agentSyscall(SYS_RT_SIGACTION, SIGSYS, SCRATCH, 0, Long.BYTES);
    RawMemory.putLong(at, PROGRAM.length / FilterProgram.INSTRUCTION_BYTES);
    RawMemory.putLong(at + 8, SCRATCH + PROGRAM_AT);
    for (int i = 0; i < PROGRAM.length; i++) {
      RawMemory.putByte(at + PROGRAM_AT + i, PROGRAM[i]);
    }
    int bytes = PROGRAM_AT + PROGRAM.length;
    if (memory.write(call.tid(), SCRATCH, bytes) != bytes) {
      return -Errno.EFAULT;
    }
    long result = injection.agentSyscall(SYS_SECCOMP, SET_MODE_FILTER, 0, SCRATCH);
    if (result == -Errno.EACCES) { // without CAP_SYS_ADMIN
      injection.agentSyscall(SYS_PRCTL, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
      result = injection.agentSyscall(SYS_SECCOMP, SET_MODE_FILTER, 0, SCRATCH);
    }
    return result;
  }

  /**
   * A strict thread has made another call. Natively it ends as if it were killed, alone: so does a
   * process that has no other; one of several ends by the exit that follows.
   */
  static void onForbidden(Call call) {
    ProcStatus status = ProcStatus.of(call.tid());
    if (status != null && status.threads() == 1) {
      ProcessKiller.kill(status.pid());
    }
    call.answer(0);
  }
}
