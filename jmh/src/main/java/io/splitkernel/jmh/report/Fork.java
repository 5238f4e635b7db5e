package io.splitkernel.jmh.report;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.providers.FabricProviders;
import io.splitkernel.launcher.bench.BenchClient;
import io.splitkernel.launcher.bench.BenchOperation;
import io.splitkernel.launcher.bench.BenchServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Some rounds of one operation in a JVM of its own, as JMH's forks are and as every run of perftest
 * is a new process: where code and memory lie is drawn anew each time, and moves a latency by a few
 * per cent for the whole life of a JVM. Medians over forks do not depend on one drawing. A fork
 * warms up once and stays for its rounds, so that what is compared is seconds apart.
 *
 * @param fabric {@code shm} or {@code verbs}.
 * @param operation what is measured.
 * @param firstRound from 0; the parity of a round decides which side comes first.
 * @param rounds at least 1.
 * @param iterations of one comparison in a round.
 */
record Fork(String fabric, BenchOperation operation, int firstRound, int rounds, int iterations) {
  /** JVMs that share the rounds of an operation, where there are as many rounds. */
  static final int FORKS = 3;

  private static final int WARM_UP_MAX = 200_000;
  private static final int WARM_UP_PER_ITERATION = 100;
  private static final long DEADLINE_SECONDS = 600;
  private static final long ROUND_SECONDS = 300;

  /** Command line arguments of {@link LatencyReport} that carry this out in another JVM. */
  private List<String> arguments(Path part) {
    return List.of(
        "fork",
        fabric,
        operation.name(),
        "" + firstRound,
        "" + rounds,
        "" + iterations,
        part.toString());
  }

  /** What those arguments say. */
  static Fork parse(String[] arguments) {
    return new Fork(
        arguments[1],
        BenchOperation.valueOf(arguments[2]),
        Integer.parseInt(arguments[3]),
        Integer.parseInt(arguments[4]),
        Integer.parseInt(arguments[5]));
  }

  /** The forks of an operation: its rounds in equal parts, as far as they can be divided. */
  static List<Fork> all(String fabric, BenchOperation operation, int rounds, int iterations) {
    List<Fork> forks = new ArrayList<>();
    int count = Math.min(FORKS, rounds);
    for (int i = 0; i < count; i++) {
      int first = rounds * i / count;
      forks.add(new Fork(fabric, operation, first, rounds * (i + 1) / count - first, iterations));
    }
    return forks;
  }

  /** Starts a JVM like this one, waits for its end and adds what it measured. */
  void start(Path directory, List<Comparison> comparisons) throws IOException {
    Path part = directory.resolve("rounds.part");
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(LatencyReport.class.getName());
    command.addAll(arguments(part));
    long startNs = System.nanoTime();
    Process child = new ProcessBuilder(command).inheritIO().start();
    try {
      long deadline = DEADLINE_SECONDS + rounds * ROUND_SECONDS;
      if (!child.waitFor(deadline, TimeUnit.SECONDS)) {
        throw new IOException(
            operation.text() + ": " + rounds + " rounds take more than " + deadline + " s");
      }
      if (child.exitValue() != 0) {
        throw new IOException(operation.text() + ": its rounds ended with " + child.exitValue());
      }
      Part.read(part, comparisons);
      System.err.printf(
          "latency-report: rounds %d to %d, %s over %s: %d s%n",
          firstRound + 1,
          firstRound + rounds,
          operation.text(),
          fabric,
          (System.nanoTime() - startNs) / 1_000_000_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      child.destroyForcibly();
      Files.deleteIfExists(part);
    }
  }

  /** Measures in this JVM. */
  void run(Path part) throws IOException {
    try (Fabric near = FabricProviders.open(fabric);
        Fabric far = FabricProviders.open(fabric);
        BenchServer server =
            new BenchServer(far, new FabricAddress("127.0.0.1", 0), Rounds.LARGEST_BYTES);
        CopyFloor floor = new CopyFloor(Rounds.LARGEST_BYTES)) {
      Thread.ofPlatform().daemon(true).name("latency-report-server").start(server);
      try (BenchClient client =
          new BenchClient(
              near,
              server.address(),
              Rounds.LARGEST_BYTES,
              operation.isBandwidth() ? Rounds.DEPTH : 1)) {
        Part.write(part, fabric.equals("verbs") ? verbs(client) : shm(client, floor));
      }
    }
  }

  private List<Comparison> verbs(BenchClient client) throws IOException {
    Perftest perftest = Perftest.onDevice();
    Rounds.Yardstick yardstick = Rounds.perftest(perftest);
    if (operation.isBandwidth()) {
      return new Rounds(client, yardstick, Optional.empty(), this, warmUp()).run();
    }
    try (DisniRun disni = new DisniRun(perftest.address(), Rounds.LARGEST_BYTES)) {
      return new Rounds(client, yardstick, Optional.of(disni), this, warmUp()).run();
    }
  }

  private List<Comparison> shm(BenchClient client, CopyFloor floor) throws IOException {
    floor.warm(warmUp());
    return new Rounds(client, Rounds.copy(floor), Optional.empty(), this, warmUp()).run();
  }

  /** Most operations of the warm-up: those who measure little do not want to wait for it. */
  private int warmUp() {
    return (int) Math.min(WARM_UP_MAX, (long) iterations * WARM_UP_PER_ITERATION);
  }

  /** The yardstick's name for an operation; empty where it has none. */
  static String yardstick(String fabric, BenchOperation operation) {
    if (!fabric.equals("verbs")) {
      return operation == BenchOperation.ATOMIC_LAT ? "" : CopyFloor.NAME;
    }
    String program = Perftest.program(operation);
    return Perftest.isInstalled(program) ? program : "";
  }

  /** Nothing is measured yet. */
  static List<Comparison> comparisons(String fabric, BenchOperation operation) {
    List<Comparison> all = new ArrayList<>();
    for (int bytes : Rounds.sizes(operation)) {
      all.add(new Comparison(operation, bytes, yardstick(fabric, operation)));
    }
    return all;
  }

  /** Whether this machine has what the fabric needs, before anything is measured. */
  static void check(String fabric) throws FabricException {
    FabricProviders.open(fabric).close();
  }
}
