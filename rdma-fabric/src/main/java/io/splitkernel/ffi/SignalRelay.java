package io.splitkernel.ffi;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Turns signals of this process into readable bytes: a C handler writes each one's siginfo to a
 * pipe. Needs a JVM started with -Xrs, so that the virtual machine leaves most signals alone. Those
 * that it needs itself it still gets: faults, and what it sends to its own threads.
 */
public final class SignalRelay {
  /** Length of a record: a siginfo_t, with signal, errno, code, an empty word and the sender. */
  public static final int RECORD_BYTES = 128;

  private static final FunctionDescriptor NOTHING_OF_INT =
      FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT);
  private static final MethodHandle RELAY =
      ShimLibrary.handle(
          "lego_relay_signals", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
  private static final MethodHandle UNBLOCK =
      ShimLibrary.handle("lego_unblock_signals", FunctionDescriptor.ofVoid());
  private static final MethodHandle STOP = ShimLibrary.handle("lego_stop_by", NOTHING_OF_INT);

  private SignalRelay() {}

  /**
   * Starts relaying every signal that can be caught, except those that this process ignores.
   *
   * @param pipe non-blocking descriptor that gets the records.
   * @return 0 or {@code -errno}.
   */
  public static int start(int pipe) {
    try {
      return (int) RELAY.invokeExact(pipe);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** Lets signals come to the calling thread that were blocked when this process was started. */
  public static void unblockAll() {
    try {
      UNBLOCK.invokeExact();
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /**
   * Stops this process as if the signal were not relayed; returns when it was continued.
   *
   * @param signal SIGSTOP, SIGTSTP, SIGTTIN or SIGTTOU.
   */
  public static void stopBy(int signal) {
    try {
      STOP.invokeExact(signal);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }
}
