package io.splitkernel.ffi;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Turns signals of this process into readable bytes: a C handler writes each one's number and code
 * to a pipe. Needs a JVM started with -Xrs, so that the virtual machine leaves these signals alone.
 */
public final class SignalRelay {
  private static final MethodHandle RELAY =
      ShimLibrary.handle(
          "lego_relay_signals", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

  private SignalRelay() {}

  /**
   * Starts relaying HUP, INT, QUIT, USR1, USR2, ALRM, TERM, CONT, TSTP, TTIN, TTOU and WINCH,
   * except those that this process was started to ignore.
   *
   * @param pipe descriptor that gets records of two 4-byte integers: signal, si_code.
   * @return 0 or {@code -errno}.
   */
  public static int start(int pipe) {
    try {
      return (int) RELAY.invokeExact(pipe);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }
}
