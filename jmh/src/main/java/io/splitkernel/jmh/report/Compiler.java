package io.splitkernel.jmh.report;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The JVM's compiler: its threads take processors away from what is measured. */
final class Compiler {
  private static final long QUIET_NS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long WARM_QUIET_NS = TimeUnit.SECONDS.toNanos(1);
  private static final long WAIT_NS = TimeUnit.SECONDS.toNanos(10);

  private Compiler() {}

  /** Tells whether anything was compiled lately. */
  static final class Watch {
    private static final long IDLE_NS = TimeUnit.SECONDS.toNanos(2);

    private final CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
    private long spent = compiler.getTotalCompilationTime();
    private long since = System.nanoTime();

    /** Whether no compilation has ended for two seconds, as far as earlier calls have seen. */
    boolean isIdle() {
      long now = System.nanoTime();
      if (compiler.getTotalCompilationTime() != spent) {
        spent = compiler.getTotalCompilationTime();
        since = now;
      }
      return now - since >= IDLE_NS;
    }
  }

  /** Between two measurements: returns when nothing was compiled for 200 ms, or after 10 s. */
  static void awaitQuiet() {
    awaitQuiet(QUIET_NS);
  }

  /**
   * After warming up: returns when nothing was compiled for a second, or after 10 s. The JVM counts
   * a compilation when it ends, and that of a long loop takes most of a second on an emulated
   * machine.
   */
  static void awaitWarm() {
    awaitQuiet(WARM_QUIET_NS);
  }

  private static void awaitQuiet(long quietNs) {
    CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
    long start = System.nanoTime();
    long since = start;
    long spent = compiler.getTotalCompilationTime();
    long now = start;
    while (now - since < quietNs && now - start < WAIT_NS) {
      LockSupport.parkNanos(QUIET_NS / 10);
      now = System.nanoTime();
      if (compiler.getTotalCompilationTime() != spent) {
        spent = compiler.getTotalCompilationTime();
        since = now;
      }
    }
  }
}
