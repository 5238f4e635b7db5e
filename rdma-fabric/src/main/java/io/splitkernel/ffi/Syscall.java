package io.splitkernel.ffi;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Raw Linux system calls (x86-64). The result is the kernel's: a value, or {@code -errno}; nothing
 * is thrown and nothing is allocated. Pointers are passed as addresses, so the caller keeps the
 * memory alive. Any thread. See syscall(2).
 */
public final class Syscall {
  private static final FunctionDescriptor TYPE =
      FunctionDescriptor.of(
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_LONG);
  private static final MethodHandle PLAIN = ShimLibrary.handle("lego_syscall", TYPE);
  private static final MethodHandle CRITICAL =
      ShimLibrary.handle("lego_syscall", TYPE, Linker.Option.critical(false));

  private Syscall() {}

  /** A call that may block: the thread is at a safepoint meanwhile. */
  public static long call(long nr, long a, long b, long c, long d, long e, long f) {
    try {
      return (long) PLAIN.invokeExact(nr, a, b, c, d, e, f);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** A blocking call with three arguments. */
  public static long call(long nr, long a, long b, long c) {
    return call(nr, a, b, c, 0, 0, 0);
  }

  /** A call that never blocks and ends within a few microseconds; saves the thread transition. */
  public static long quick(long nr, long a, long b, long c) {
    try {
      return (long) CRITICAL.invokeExact(nr, a, b, c, 0L, 0L, 0L);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }
}
