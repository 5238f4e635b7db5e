package io.splitkernel.ffi;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The cheapest clock: the processor's time stamp counter where the kernel keeps time by it too,
 * else the JVM's. For intervals within one thread. Any thread; data path except {@link #nsPerTick}.
 */
public final class TickClock {
  private static final Path SOURCE =
      Path.of("/sys/devices/system/clocksource/clocksource0/current_clocksource");
  private static final long BASELINE_NS = 50_000_000;
  private static final MethodHandle TICKS =
      ShimLibrary.handle(
          "lego_ticks",
          FunctionDescriptor.of(ValueLayout.JAVA_LONG),
          Linker.Option.critical(false));
  private static final boolean COUNTER = isTrusted();
  private static final long START_NS = System.nanoTime();
  private static final long START_TICKS = ticks();

  private TickClock() {}

  private static boolean isTrusted() {
    try {
      return Files.readString(SOURCE).strip().equals("tsc");
    } catch (IOException e) {
      return false; // not told: the JVM's clock is right everywhere
    }
  }

  /** Now, in ticks since some moment. */
  public static long ticks() {
    if (!COUNTER) {
      return System.nanoTime();
    }
    try {
      return (long) TICKS.invokeExact();
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** Nanoseconds of a tick, measured since this class was first used; takes 50 ms at most. */
  public static double nsPerTick() {
    if (!COUNTER) {
      return 1;
    }
    long ns = System.nanoTime() - START_NS;
    while (ns < BASELINE_NS) {
      Thread.onSpinWait();
      ns = System.nanoTime() - START_NS;
    }
    return (double) ns / (ticks() - START_TICKS);
  }
}
