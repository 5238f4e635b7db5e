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
  private static final int READINGS = 16;
  private static final long START_TICKS;
  private static final long START_NS;

  static {
    long[] start = readBoth();
    START_TICKS = start[0];
    START_NS = start[1];
  }

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
    while (System.nanoTime() - START_NS < BASELINE_NS) {
      Thread.onSpinWait();
    }
    long[] now = readBoth();
    return (double) (now[1] - START_NS) / (now[0] - START_TICKS);
  }

  /**
   * Both clocks at the same moment: {ticks, nanoseconds} of the quickest of a few readings, as a
   * thread may lose its processor between the two.
   */
  static long[] readBoth() {
    long[] best = new long[2];
    long bestGap = Long.MAX_VALUE;
    for (int i = 0; i < READINGS; i++) {
      long before = System.nanoTime();
      long ticks = ticks();
      long gap = System.nanoTime() - before;
      if (gap < bestGap) {
        bestGap = gap;
        best[0] = ticks;
        best[1] = before + gap / 2;
      }
    }
    return best;
  }
}
