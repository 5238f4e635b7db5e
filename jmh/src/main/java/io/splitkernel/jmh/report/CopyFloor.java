package io.splitkernel.jmh.report;

import io.splitkernel.ffi.TickClock;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.HdrHistogram.Histogram;

/** The yardstick of shared memory: the same bytes copied, measured in the same way. One thread. */
final class CopyFloor implements AutoCloseable {
  static final String NAME = "copy";
  private static final int DIGITS = 3;
  private static final long HIGHEST_NS = 60_000_000_000L;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment from;
  private final MemorySegment to;

  CopyFloor(long lengthBytes) {
    from = arena.allocate(lengthBytes, 4096).fill((byte) 1);
    to = arena.allocate(lengthBytes, 4096).fill((byte) 2);
  }

  /** Latencies of copies in nanoseconds, one reading of the clock for each. */
  Histogram latency(int sizeBytes, int warmUp, int iterations) {
    Histogram histogram = new Histogram(HIGHEST_NS, DIGITS);
    double nsPerTick = TickClock.nsPerTick();
    long before = TickClock.ticks();
    for (int i = -warmUp; i < iterations; i++) {
      MemorySegment.copy(from, 0, to, 0, sizeBytes);
      long now = TickClock.ticks();
      if (i >= 0) {
        long ns = Math.round((now - before) * nsPerTick);
        histogram.recordValue(Math.clamp(ns, 0, HIGHEST_NS));
      }
      before = now;
    }
    return histogram;
  }

  /** MiB per second. */
  double bandwidth(int sizeBytes, int warmUp, int iterations) {
    copies(sizeBytes, warmUp);
    long start = System.nanoTime();
    copies(sizeBytes, iterations);
    long nanos = Math.max(1, System.nanoTime() - start);
    return (double) iterations * sizeBytes / (1 << 20) / (nanos / 1e9);
  }

  /** Lets the compiler of the JVM do its work. */
  void warm(int times) {
    latency(64, times, times);
    bandwidth(64, times, times);
  }

  private void copies(int sizeBytes, int count) {
    for (int i = 0; i < count; i++) {
      MemorySegment.copy(from, 0, to, 0, sizeBytes);
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
