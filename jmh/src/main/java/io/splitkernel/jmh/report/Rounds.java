package io.splitkernel.jmh.report;

import io.splitkernel.fabric.FabricException;
import io.splitkernel.launcher.bench.BenchClient;
import io.splitkernel.launcher.bench.BenchOperation;
import io.splitkernel.launcher.bench.BenchPlan;
import io.splitkernel.launcher.bench.BenchResult;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Rounds of an operation: every size is measured on both sides, one right after the other, the
 * other way round in every second round. One thread.
 */
final class Rounds {
  private static final int[] LATENCY_BYTES = {8, 64, 512, 4096, 65536};
  private static final int[] BANDWIDTH_BYTES = {4096, 16384, 65536, 262144, 1048576};
  static final int DEPTH = 16;
  private static final int WARM_BYTES = 64;
  private static final int ROUND_WARM_UP = 1_000;
  private static final int WARM_UP_STEP = 10_000;
  private static final long ROUND_BYTES_MAX = 64L << 20;
  static final int LARGEST_BYTES = 1048576;

  /** Of a round, until the machine's speed stays the same in it. */
  private static final int ATTEMPTS = 8;

  /** One round of a yardstick. */
  interface Yardstick {
    /** Measures one round of a comparison and adds it. */
    void measure(Comparison comparison, int iterations) throws IOException;
  }

  private final BenchClient client;
  private final Optional<DisniRun> disni;
  private final Yardstick yardstick;
  private final Fork fork;
  private final int warmUp;
  private final MachineSpeed speed = new MachineSpeed();

  /**
   * @param disni measured beside the latencies, where there is one.
   * @param fork says what; of large operations fewer iterations are taken, of at most 64 MiB.
   * @param warmUp most operations before the first size, for the JVM's compiler.
   */
  Rounds(BenchClient client, Yardstick yardstick, Optional<DisniRun> disni, Fork fork, int warmUp) {
    this.client = client;
    this.disni = disni;
    this.yardstick = yardstick;
    this.fork = fork;
    this.warmUp = warmUp;
  }

  static int[] sizes(BenchOperation operation) {
    if (operation == BenchOperation.ATOMIC_LAT) {
      return new int[] {Long.BYTES};
    }
    return operation.isBandwidth() ? BANDWIDTH_BYTES : LATENCY_BYTES;
  }

  /** Warms up and carries them out. */
  List<Comparison> run() throws IOException {
    BenchOperation operation = fork.operation();
    int bytes = operation == BenchOperation.ATOMIC_LAT ? Long.BYTES : WARM_BYTES;
    warmUp(() -> lego(operation, bytes, 1, WARM_UP_STEP));
    if (disni.isPresent()) {
      warmUp(() -> disni.get().latency(operation, bytes, WARM_UP_STEP, ROUND_WARM_UP));
    }
    speed.warmUp();
    Quiet.awaitWarm();
    List<Comparison> comparisons = Fork.comparisons(fork.fabric(), operation);
    for (int round = fork.firstRound(); round < fork.firstRound() + fork.rounds(); round++) {
      carryOut(round, comparisons);
    }
    return comparisons;
  }

  private void carryOut(int round, List<Comparison> comparisons) throws IOException {
    for (Comparison each : comparisons) {
      each.addAll(steady(round, each));
      if (disni.isPresent()) {
        int count = iterations(each);
        Quiet.await();
        each.disni()
            .add(disni.get().latency(fork.operation(), each.sizeBytes(), ROUND_WARM_UP, count));
      }
    }
  }

  /**
   * Measures both sides once; where there is a goal again when the machine's speed changed
   * meanwhile, which would compare its neighbours.
   */
  private Comparison steady(int round, Comparison each) throws IOException {
    Comparison once = each.empty();
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      once = each.empty();
      speed.begin();
      for (int side = 0; side < 2; side++) {
        Quiet.await(); // before the probe: nothing lies between it and what is measured
        speed.probe();
        if (side == round % 2) {
          yardstick.measure(once, iterations(each));
        } else {
          measure(once, iterations(each));
        }
        speed.probe();
      }
      if (speed.isSteady() || Goal.of(fork.fabric(), once).isEmpty()) {
        return once;
      }
    }
    System.err.printf(
        "latency-report: round %d, %s of %d bytes: this machine's speed changed in %d attempts%n",
        round + 1, each.operation().text(), each.sizeBytes(), ATTEMPTS);
    return once;
  }

  /**
   * Works until the compiler has nothing left to do, or {@link #warmUp} operations were carried
   * out.
   */
  private void warmUp(Step step) throws IOException {
    Compiler compiler = new Compiler();
    for (int done = 0; done < warmUp; done += WARM_UP_STEP) {
      step.carryOut();
      if (done >= warmUp / 4 && compiler.isIdle()) {
        return;
      }
    }
  }

  /** Some operations of a warm-up. */
  private interface Step {
    void carryOut() throws IOException;
  }

  private int iterations(Comparison comparison) {
    long most = ROUND_BYTES_MAX / comparison.sizeBytes();
    return (int) Math.max(DEPTH * 4L, Math.min(fork.iterations(), most));
  }

  private void measure(Comparison comparison, int count) throws FabricException {
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
    return (comparison, iterations) -> {
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
    };
  }

  /** A plain copy. */
  static Yardstick copy(CopyFloor floor) {
    return (comparison, iterations) -> {
      int bytes = comparison.sizeBytes();
      if (comparison.yardstick().name().isEmpty()) {
        return;
      }
      if (comparison.operation().isBandwidth()) {
        comparison.yardstick().add(floor.bandwidth(bytes, ROUND_WARM_UP, iterations));
      } else {
        comparison.yardstick().add(floor.latency(bytes, ROUND_WARM_UP, iterations));
      }
    };
  }
}
