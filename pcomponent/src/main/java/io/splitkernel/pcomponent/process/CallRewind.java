package io.splitkernel.pcomponent.process;

/**
 * A call that a signal interrupts before the supervisor has received it answers ERESTARTSYS. The
 * kernel makes it again unless a handler without SA_RESTART runs; then the program would see an
 * EINTR that such a call never answers. So whoever traces the thread makes it again.
 */
final class CallRewind {
  /** -ERESTARTSYS. */
  static final int RESTART = -512;

  private static final long SYSCALL_BYTES = 2;

  private CallRewind() {}

  /** Whether a stopped thread is about to leave such a call. */
  static boolean isDue(Registers registers) {
    if (registers.rax() != RESTART || registers.number() < 0) {
      return false;
    }
    int number = (int) registers.number();
    if (!registers.is64Bit()) { // of these only ioctl(2) may answer that natively
      SeenCalls call = SeenCalls.of(SeenCalls.ARCH_I386, number);
      return call != null && call != SeenCalls.IOCTL;
    }
    SeenCalls call = SeenCalls.of(SeenCalls.ARCH_X86_64, number);
    long[] arguments = new long[6];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = registers.argument(i);
    }
    return call != null && call.isSeen(arguments);
  }

  /** Puts the thread back to before the call. */
  static void apply(Registers registers) {
    registers.rip(registers.rip() - SYSCALL_BYTES).rax(registers.number()).outsideCall();
  }
}
