package io.splitkernel.jmh.report;

import io.splitkernel.ffi.TickClock;
import java.util.Arrays;

/**
 * How fast this machine is at the moment. A virtual machine shares cores with its neighbours: where
 * a neighbour works on the other thread of a core, everything here takes 1.6 times as long, for
 * tenths of a second or for minutes. The probe is work that fills a core, so that it tells. One
 * thread.
 */
final class MachineSpeed {
  private static final int STEPS = 100_000;
  private static final int PROBES = 7;
  private static final int WARM_UP = 300;
  private static final double STEADY_MAX = 1.2;

  private double fastest;
  private double slowest;

  /** Keeps the compiler from leaving the work out. */
  @SuppressWarnings("UnusedVariable")
  private long sink;

  /** Compiles the probe. */
  void warmUp() {
    for (int i = 0; i < WARM_UP; i++) {
      sink += work(i);
    }
  }

  /** Begins a series of probes with none. */
  void begin() {
    fastest = Double.MAX_VALUE;
    slowest = 0;
  }

  /** Looks at the speed: some milliseconds. */
  void probe() {
    long[] ticks = new long[PROBES];
    for (int i = 0; i < PROBES; i++) {
      long before = TickClock.ticks();
      sink += work(i);
      ticks[i] = TickClock.ticks() - before;
    }
    Arrays.sort(ticks);
    add((double) ticks[PROBES / 2]);
  }

  /** Adds the time that a probe took. */
  void add(double took) {
    fastest = Math.min(fastest, took);
    slowest = Math.max(slowest, took);
  }

  /** Whether all probes of the series saw about the same speed. */
  boolean isSteady() {
    return slowest <= fastest * STEADY_MAX;
  }

  /** Six chains that do not wait for each other. */
  private static long work(int seed) {
    long a = seed;
    long b = 2;
    long c = 3;
    long d = 4;
    long e = 5;
    long f = 6;
    for (int i = 0; i < STEPS; i++) {
      a += i ^ b;
      b += i ^ c;
      c += i ^ d;
      d += i ^ e;
      e += i ^ f;
      f += i ^ a;
    }
    return a + b + c + d + e + f;
  }
}
