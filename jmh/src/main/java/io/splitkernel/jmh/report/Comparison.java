package io.splitkernel.jmh.report;

import java.util.Map;

/**
 * One operation at one size by both tools.
 *
 * @param operation as {@code lego bench} names it.
 * @param bytes of one operation.
 * @param lego what Lego's bench measured.
 * @param perftest what perftest measured.
 */
record Comparison(String operation, int bytes, Measured lego, Measured perftest) {
  private static final Map<String, Double> TARGETS =
      Map.of(
          "read-lat 64", 1.12,
          "read-lat 4096", 1.03,
          "atomic-lat 8", 1.15,
          "read-bw 65536", 0.95,
          "write-bw 65536", 0.95);

  String name() {
    return operation + " " + bytes;
  }

  boolean isBandwidth() {
    return operation.endsWith("-bw");
  }

  /** Lego's figure over perftest's; 0 where one is missing. */
  double ratio() {
    return perftest.typical() == 0 ? 0 : lego.typical() / perftest.typical();
  }

  /** The ratio that is aimed at, or 0 where none is. */
  double target() {
    return TARGETS.getOrDefault(name(), 0.0);
  }

  /** Met, or without a target. */
  boolean isMet() {
    return target() == 0 || (isBandwidth() ? ratio() >= target() : ratio() <= target());
  }
}
