package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.SeccompListener;

/** A call that the filter has reported and whose thread waits for the answer. */
final class Call {
  private final SeccompListener listener;
  private final long id;
  private final int tid;
  private final int architecture;
  private final int number;
  private final long[] arguments = new long[6];

  /** The call that a listener has just received. */
  Call(SeccompListener listener) {
    this.listener = listener;
    this.id = listener.id();
    this.tid = listener.tid();
    this.architecture = listener.architecture();
    this.number = listener.number();
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = listener.argument(i);
    }
  }

  /** The thread that made it. */
  int tid() {
    return tid;
  }

  /** Its architecture, as seccomp(2) tells it. */
  int architecture() {
    return architecture;
  }

  /** System call number. */
  int number() {
    return number;
  }

  /** Its arguments; not a copy. */
  long[] arguments() {
    return arguments;
  }

  /** Gives the caller a descriptor; its number there, or {@code -errno}. */
  long install(int descriptor) {
    return listener.install(id, descriptor);
  }

  /**
   * Ends the call so that its thread, which a tracer is about to stop, makes it again. Without the
   * tracer's interrupt the program would see the number.
   */
  void answerAgain() {
    listener.answer(id, CallRewind.RESTART);
  }

  /** Ends the call with a value, {@code -errno}, or {@link MemoryCalls#PROCEED}. */
  void answer(long result) {
    if (result == MemoryCalls.PROCEED) {
      listener.proceed(id);
    } else {
      listener.answer(id, result);
    }
  }
}
