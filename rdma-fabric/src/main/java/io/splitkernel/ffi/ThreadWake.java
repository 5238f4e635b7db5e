package io.splitkernel.ffi;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Ends a system call in which another thread of this process waits: it answers -EINTR. A call that
 * has not begun yet is not ended, so whoever wakes does it again until it has had an effect.
 */
public final class ThreadWake {
  private static final long SYS_GETPID = 39;
  private static final long SYS_GETTID = 186;
  private static final long SYS_TGKILL = 234;
  private static final MethodHandle ACCEPT =
      ShimLibrary.handle("lego_accept_wakes", FunctionDescriptor.of(ValueLayout.JAVA_INT));

  private final long pid = Syscall.call(SYS_GETPID, 0, 0, 0);
  private final long tid = Syscall.call(SYS_GETTID, 0, 0, 0);
  private final int signal;

  /** For the calling thread, which is the one to be woken. */
  public ThreadWake() {
    try {
      signal = (int) ACCEPT.invokeExact();
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** Wakes it. Any thread. */
  public void wake() {
    Syscall.call(SYS_TGKILL, pid, tid, signal);
  }
}
