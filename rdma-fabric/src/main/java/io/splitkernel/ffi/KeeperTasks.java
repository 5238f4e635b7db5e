package io.splitkernel.ffi;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Starts the two tasks of {@code lego_keeper.c}, which share this process's descriptors and nothing
 * else, and outlive it. Control path.
 */
public final class KeeperTasks {
  private static final MethodHandle START =
      ShimLibrary.handle(
          "lego_keeper_start", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG));

  private KeeperTasks() {}

  /**
   * Starts them. What the process has in memory is copied, and given back at once: early is cheap.
   *
   * @param page address of a shared page with a {@code struct lego_keeper}.
   * @return pid of the guard, a child of this process that only wait4(__WALL) knows, or -errno.
   */
  public static int start(long page) {
    try {
      return (int) START.invokeExact(page);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }
}
