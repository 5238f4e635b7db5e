package io.splitkernel.jmh.report;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The JVM's compiler: its threads take processors away from what is measured. */
final class Compiler {
  private static final long QUIET_NS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long WAIT_NS = TimeUnit.SECONDS.toNanos(5);

  private Compiler() {}

  /** Returns when nothing was compiled for a while, or after five seconds. */
  static void awaitQuiet() {
    CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
    long start = System.nanoTime();
    long since = start;
    long spent = compiler.getTotalCompilationTime();
    long now = start;
    while (now - since < QUIET_NS && now - start < WAIT_NS) {
      LockSupport.parkNanos(QUIET_NS / 10);
      now = System.nanoTime();
      if (compiler.getTotalCompilationTime() != spent) {
        spent = compiler.getTotalCompilationTime();
        since = now;
      }
    }
  }
}
