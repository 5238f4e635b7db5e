package io.splitkernel.jmh.report;

import io.splitkernel.fabric.FabricException;
import io.splitkernel.launcher.bench.BenchClient;
import io.splitkernel.launcher.bench.BenchOperation;
import io.splitkernel.launcher.bench.BenchPlan;
import io.splitkernel.launcher.bench.BenchResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Alternating rounds: in each one every comparison is measured on both sides, one right after the
 * other, the other way round in every second round. One thread.
 */
final class Rounds {
  private static final int[] LATENCY_BYTES = {8, 64, 512, 4096, 65536};
  private static final int[] BANDWIDTH_BYTES = {4096, 16384, 65536, 262144, 1048576};
  private static final int DEPTH = 16;
  private static final int WARM_BYTES = 64;
  private static final int ROUND_WARM_UP = 3_000;
  private static final long ROUND_BYTES_MAX = 64L << 20;
  static final int LARGEST_BYTES = 1048576;

  /** One round of a yardstick. */
  interface Yardstick {
    /** Its name for an operation; empty where it has none. */
    String name(BenchOperation operation);

    /** Measures one round of a comparison and adds it. */
    void measure(Comparison comparison, int iterations) throws IOException;
  }

  private final BenchClient client;
  private final Optional<DisniRun> disni;
  private final Yardstick yardstick;
  private final int iterations;
  private final int warmUp;
  private final List<Comparison> comparisons = new ArrayList<>();

  /**
   * @param disni measured beside the latencies, where there is one.
   * @param iterations of one round; fewer for large bandwidths.
   * @param warmUp operations of each kind before the first round, for the JVM's compiler.
   */
  Rounds(
      BenchClient client,
      Yardstick yardstick,
      Optional<DisniRun> disni,
      int iterations,
      int warmUp) {
    this.client = client;
    this.disni = disni;
    this.yardstick = yardstick;
    this.iterations = iterations;
    this.warmUp = warmUp;
    for (BenchOperation operation : BenchOperation.values()) {
      for (int bytes : sizes(operation)) {
        comparisons.add(new Comparison(operation, bytes, yardstick.name(operation)));
      }
    }
  }

  private static int[] sizes(BenchOperation operation) {
    if (operation == BenchOperation.ATOMIC_LAT) {
      return new int[] {Long.BYTES};
    }
    return operation.isBandwidth() ? BANDWIDTH_BYTES : LATENCY_BYTES;
  }

  /** Carries out all rounds. */
  List<Comparison> run(int rounds) throws IOException {
    for (BenchOperation operation : BenchOperation.values()) {
      int bytes = operation == BenchOperation.ATOMIC_LAT ? Long.BYTES : WARM_BYTES;
      lego(operation, bytes, ROUND_WARM_UP, warmUp);
      if (disni.isPresent() && !operation.isBandwidth()) {
        disni.get().latency(operation, bytes, warmUp / 2, 1);
      }
      System.err.println("latency-report: " + operation.text() + " is warm");
    }
    for (int round = 0; round < rounds; round++) {
      for (Comparison each : comparisons) {
        int count = iterations(each);
        if (round % 2 == 0) {
          yardstick.measure(each, count);
          measure(each, count);
        } else {
          measure(each, count);
          yardstick.measure(each, count);
        }
        if (disni.isPresent() && !each.operation().isBandwidth()) {
          Compiler.awaitQuiet();
          each.disni()
              .add(disni.get().latency(each.operation(), each.sizeBytes(), ROUND_WARM_UP, count));
        }
      }
      System.err.println("latency-report: round " + (round + 1) + " of " + rounds + " is over");
    }
    return comparisons;
  }

  private int iterations(Comparison comparison) {
    long most = ROUND_BYTES_MAX / comparison.sizeBytes();
    return comparison.operation().isBandwidth()
        ? (int) Math.max(DEPTH * 4L, Math.min(iterations, most))
        : iterations;
  }

  private void measure(Comparison comparison, int count) throws FabricException {
    Compiler.awaitQuiet();
    boolean few = comparison.operation().isBandwidth();
    int warm = few ? Math.min(ROUND_WARM_UP, count) : ROUND_WARM_UP;
    BenchResult result = lego(comparison.operation(), comparison.sizeBytes(), count, warm);
    if (comparison.operation().isBandwidth()) {
      comparison.lego().add(result.averageMebibytesPerSecond());
    } else {
      comparison.lego().add(result.latencyNs());
    }
  }

  private BenchResult lego(BenchOperation operation, int bytes, int count, int warm)
      throws FabricException {
    return client.run(new BenchPlan(operation, bytes, count, warm, DEPTH, false));
  }

  /** perftest on a device. */
  static Yardstick perftest(Perftest perftest) {
    return new Yardstick() {
      @Override
      public String name(BenchOperation operation) {
        String program = Perftest.program(operation);
        return Perftest.isInstalled(program) ? program : "";
      }

      @Override
      public void measure(Comparison comparison, int iterations) throws IOException {
        BenchOperation operation = comparison.operation();
        int bytes = comparison.sizeBytes();
        if (comparison.yardstick().name().isEmpty()) {
          return;
        }
        if (operation.isBandwidth()) {
          comparison.yardstick().add(perftest.bandwidth(operation, bytes, iterations, DEPTH));
        } else {
          comparison.yardstick().add(perftest.latency(operation, bytes, iterations));
        }
      }
    };
  }

  /** A plain copy. */
  static Yardstick copy(CopyFloor floor) {
    return new Yardstick() {
      @Override
      public String name(BenchOperation operation) {
        return operation == BenchOperation.ATOMIC_LAT ? "" : CopyFloor.NAME;
      }

      @Override
      public void measure(Comparison comparison, int iterations) {
        int bytes = comparison.sizeBytes();
        if (comparison.operation() == BenchOperation.ATOMIC_LAT) {
          return;
        }
        if (comparison.operation().isBandwidth()) {
          comparison.yardstick().add(floor.bandwidth(bytes, ROUND_WARM_UP, iterations));
        } else {
          comparison.yardstick().add(floor.latency(bytes, ROUND_WARM_UP, iterations));
        }
      }
    };
  }
}
