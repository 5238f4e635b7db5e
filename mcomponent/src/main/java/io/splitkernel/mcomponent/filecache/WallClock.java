package io.splitkernel.mcomponent.filecache;

/** Time of day in nanoseconds since 1970, finer than a millisecond. Any thread; no allocation. */
final class WallClock {
  private static final long APART_MAX_NS = 2_000_000;

  private volatile long offsetNs;

  long now() {
    long fine = System.nanoTime();
    long coarse = System.currentTimeMillis() * 1_000_000;
    long now = fine + offsetNs;
    if (Math.abs(now - coarse) > APART_MAX_NS) {
      offsetNs = coarse - fine;
      return coarse;
    }
    return now;
  }
}
