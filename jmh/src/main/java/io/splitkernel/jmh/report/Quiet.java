package io.splitkernel.jmh.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Waits until this machine does nothing else. The JVM's compiler above all takes processors away
 * from what is measured, also long after the loop that it compiles for: on an emulated machine,
 * whose processors share one of the host, everything then takes longer. The JVM counts a
 * compilation when it ends; the kernel counts all work, while it is done.
 */
final class Quiet {
  private static final Path STAT = Path.of("/proc/stat");
  private static final int IDLE = 4;
  private static final int IO_WAIT = 5;
  private static final int STEAL = 8;
  private static final double TICKS_PER_SECOND = 100;

  private static final long WINDOW_NS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long WARM_WINDOW_NS = TimeUnit.SECONDS.toNanos(1);
  private static final long WAIT_NS = TimeUnit.SECONDS.toNanos(20);

  /** Of one processor, beside this thread that sleeps. */
  private static final double BUSY_MAX = 0.15;

  private Quiet() {}

  /** Between two measurements: returns after 200 ms without other work, or after 20 s. */
  static void await() throws IOException {
    await(WINDOW_NS);
  }

  /** After warming up: returns after a second without other work, or after 20 s. */
  static void awaitWarm() throws IOException {
    await(WARM_WINDOW_NS);
  }

  private static void await(long windowNs) throws IOException {
    long start = System.nanoTime();
    double busy = 1;
    while (busy > BUSY_MAX && System.nanoTime() - start < WAIT_NS) {
      busy = busyFor(windowNs);
    }
    if (busy > BUSY_MAX) {
      System.err.printf(
          "latency-report: this machine has not been idle for 20 s (%.0f %% of a processor busy)%n",
          busy * 100);
    }
  }

  /** Sleeps, and gives the share of one processor that all others used meanwhile. */
  private static double busyFor(long windowNs) throws IOException {
    long before = busyTicks(Files.readString(STAT));
    long beginNs = System.nanoTime();
    LockSupport.parkNanos(windowNs);
    double seconds = (System.nanoTime() - beginNs) / 1e9;
    return (busyTicks(Files.readString(STAT)) - before) / TICKS_PER_SECOND / seconds;
  }

  /** All ticks since the start of the machine in which a processor worked, from /proc/stat. */
  static long busyTicks(String stat) {
    String[] words = stat.substring(0, stat.indexOf('\n')).trim().split("\\s+", -1);
    long busy = 0;
    for (int i = 1; i <= STEAL && i < words.length; i++) {
      busy += i == IDLE || i == IO_WAIT || i == STEAL ? 0 : Long.parseLong(words[i]);
    }
    return busy;
  }
}
