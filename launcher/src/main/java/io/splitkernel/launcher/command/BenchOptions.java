package io.splitkernel.launcher.command;

import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.bench.BenchOperation;
import io.splitkernel.launcher.bench.BenchPlan;
import io.splitkernel.launcher.settings.Size;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** How an operation of the fabric is measured. */
final class BenchOptions {
  private static final long SIZE_MAX = 1 << 30;
  private static final long LENT_BYTES = 1 << 20;
  private static final int ATOMIC_BYTES = 8;
  private static final int DEPTH_MAX = 256;

  /** One reading of the clock is kept for each. */
  private static final int ITERATIONS_MAX = 10_000_000;

  private static final int WARM_UP_MAX = 100_000_000;

  @Option(
      names = {"-s", "--size"},
      split = ",",
      paramLabel = "BYTES",
      description = {
        "Bytes of one operation, also 4k or 1m, several with commas; default 4096, atomics 8.",
        "With --serve the most that others may ask for; default 1m."
      })
  private List<String> sizes = List.of();

  @Option(
      names = {"-n", "--iterations"},
      paramLabel = "ITERS",
      description = "How often it is measured; default: ${DEFAULT-VALUE}.")
  private int iterations = 10_000;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      description = "Iterations before, not measured; default: ${DEFAULT-VALUE}.")
  private int warmUp = 20_000;

  @Option(
      names = "--tx-depth",
      paramLabel = "N",
      description = "Operations outstanding, for bandwidth; default: ${DEFAULT-VALUE}.")
  private int depth = 16;

  @Option(names = "--events", description = "Wait for completions by event instead of polling.")
  private boolean events;

  /**
   * What is to be measured, one plan for each size.
   *
   * @param operation to be measured.
   * @return at least one.
   * @throws LegoFailure when an option is out of bounds.
   */
  List<BenchPlan> plans(BenchOperation operation) throws LegoFailure {
    check();
    boolean atomic = operation == BenchOperation.ATOMIC_LAT;
    List<BenchPlan> plans = new ArrayList<>();
    for (String text : sizes.isEmpty() ? List.of(atomic ? "8" : "4k") : sizes) {
      int size = size(text);
      if (atomic && size != ATOMIC_BYTES) {
        throw usage("--size " + text + ": it must be " + ATOMIC_BYTES + " for atomics");
      }
      plans.add(new BenchPlan(operation, size, iterations, warmUp, depth, events));
    }
    return plans;
  }

  /**
   * Bytes that others may use.
   *
   * @return the largest size, or a default.
   * @throws LegoFailure when an option is out of bounds.
   */
  long lentBytes() throws LegoFailure {
    check();
    long most = sizes.isEmpty() ? LENT_BYTES : 0;
    for (String text : sizes) {
      most = Math.max(most, size(text));
    }
    return most;
  }

  private void check() throws LegoFailure {
    range("--iterations", iterations, 1, ITERATIONS_MAX);
    range("--warm-up", warmUp, 0, WARM_UP_MAX);
    range("--tx-depth", depth, 1, DEPTH_MAX);
  }

  private static int size(String text) throws LegoFailure {
    long bytes;
    try {
      bytes = Size.bytes(text);
    } catch (IllegalArgumentException e) {
      throw new LegoFailure(LegoFailure.USAGE, "--size: " + e.getMessage(), e);
    }
    if (bytes < 1 || bytes > SIZE_MAX) {
      throw usage("--size " + text + ": 1 to " + Size.text(SIZE_MAX) + " bytes");
    }
    return (int) bytes;
  }

  private static void range(String name, int value, int least, int most) throws LegoFailure {
    if (value < least || value > most) {
      throw usage(name + " " + value + ": " + least + " to " + most);
    }
  }

  private static LegoFailure usage(String message) {
    return new LegoFailure(LegoFailure.USAGE, message);
  }
}
