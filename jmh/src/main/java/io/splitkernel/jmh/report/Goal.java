package io.splitkernel.jmh.report;

import io.splitkernel.launcher.bench.BenchOperation;
import java.util.Locale;
import java.util.Optional;

/**
 * A figure that Lego wants to keep.
 *
 * @param text what is wanted.
 * @param isMet whether it was.
 */
record Goal(String text, boolean isMet) {
  private static final int PAGE_BYTES = 4096;
  private static final int SMALL_BYTES = 64;
  private static final int LARGE_BYTES = 65536;
  private static final double SHM_OVERHEAD_US = 0.150;

  /** The goal of a comparison, where there is one and a yardstick was measured. */
  static Optional<Goal> of(String fabric, Comparison comparison) {
    if (!comparison.hasYardstick()) {
      return Optional.empty();
    }
    BenchOperation operation = comparison.operation();
    int bytes = comparison.sizeBytes();
    boolean verbs = fabric.equals("verbs");
    if (!verbs && operation == BenchOperation.READ_LAT && bytes == PAGE_BYTES) {
      boolean met = comparison.excess() <= SHM_OVERHEAD_US;
      return Optional.of(new Goal("at most the copy + 0.150 us", met));
    }
    if (!verbs) {
      return Optional.empty();
    }
    return switch (operation) {
      case READ_LAT ->
          bytes == PAGE_BYTES
              ? Optional.of(atMost(comparison, 1.03))
              : bytes == SMALL_BYTES ? Optional.of(atMost(comparison, 1.12)) : Optional.empty();
      case ATOMIC_LAT -> Optional.of(atMost(comparison, 1.15));
      case READ_BW, WRITE_BW ->
          bytes == LARGE_BYTES
              ? Optional.of(new Goal("at least 0.95 times", comparison.ratio() >= 0.95))
              : Optional.empty();
      case WRITE_LAT -> Optional.empty();
    };
  }

  private static Goal atMost(Comparison comparison, double factor) {
    return new Goal(
        String.format(Locale.ROOT, "at most %.2f times", factor), comparison.ratio() <= factor);
  }
}
