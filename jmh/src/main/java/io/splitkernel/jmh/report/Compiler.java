package io.splitkernel.jmh.report;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;

/** Tells whether the JVM's compiler has ended anything lately. One thread. */
final class Compiler {
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
