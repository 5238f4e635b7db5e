package io.splitkernel.launcher.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.bench.BenchClient;
import io.splitkernel.launcher.bench.BenchOperation;
import io.splitkernel.launcher.bench.BenchPlan;
import io.splitkernel.launcher.bench.BenchResult;
import io.splitkernel.launcher.bench.BenchServer;
import io.splitkernel.launcher.bench.BenchTable;
import io.splitkernel.launcher.cluster.Fabrics;
import io.splitkernel.launcher.logging.Logging;
import io.splitkernel.launcher.settings.MachineDefaults;
import io.splitkernel.launcher.settings.Settings;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lego bench}. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = {
      "Measures one-sided operations of the fabric, in perftest's columns.",
      "Without --listen and --connect both sides are in this process."
    },
    footer = {
      "",
      "Examples:",
      "  lego bench read-lat --fabric shm --size 8,64,4096",
      "  lego bench read-bw --listen 10.0.0.1:7800      on one machine, and on another",
      "  lego bench read-bw --connect 10.0.0.1:7800 --size 65536 --json bw.json"
    })
final class BenchCommand implements Callable<Integer> {
  private static final int SIZE_MAX = 1 << 30;
  private static final int DEPTH_MAX = 256;
  private static final int COUNT_MAX = 100_000_000;

  @Mixin private FabricOptions fabricOptions;

  @Parameters(
      arity = "0..1",
      paramLabel = "read-lat|write-lat|atomic-lat|read-bw|write-bw",
      description = "What to measure; not needed with --listen.")
  private String operation;

  @Option(
      names = "--size",
      split = ",",
      paramLabel = "BYTES",
      description = "Bytes of one operation, several with commas; default 4096, atomics 8.")
  private List<Integer> sizes = List.of();

  @Option(names = "--iterations", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
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

  @Option(names = "--listen", paramLabel = "HOST:PORT", description = "Be the passive side.")
  private String listen;

  @Option(names = "--connect", paramLabel = "HOST:PORT", description = "Measure against it.")
  private String connect;

  @Option(names = "--json", paramLabel = "FILE", description = "Also write the figures there.")
  private Path json;

  @Option(
      names = "--hgrm",
      paramLabel = "FILE",
      description = "Also write the percentiles of the last latency, in HdrHistogram's format.")
  private Path hgrm;

  @Override
  public Integer call() throws LegoFailure {
    Logging.silent();
    check();
    Settings settings =
        fabricOptions.apply(Settings.load(System.getenv(), MachineDefaults.of(System.getenv())));
    try (Fabric fabric = Fabrics.open(settings)) {
      if (listen != null) {
        return serve(fabric);
      }
      if (connect != null) {
        return measure(fabric, address("--connect", connect));
      }
      try (Fabric other = Fabrics.open(settings);
          BenchServer server =
              new BenchServer(other, new FabricAddress("127.0.0.1", 0), largest())) {
        Thread.ofPlatform().daemon(true).name("lego-bench-server").start(server);
        return measure(fabric, server.address());
      }
    } catch (FabricException e) {
      throw new LegoFailure(LegoFailure.FAILURE, e.getMessage(), e);
    } catch (IOException e) {
      throw new LegoFailure(LegoFailure.FAILURE, "cannot write " + e.getMessage(), e);
    }
  }

  private void check() throws LegoFailure {
    if (listen != null && connect != null) {
      throw usage("--listen and --connect exclude each other");
    }
    if (listen == null && operation == null) {
      throw usage("what is to be measured? read-lat, write-lat, atomic-lat, read-bw or write-bw");
    }
    BenchOperation known = listen == null ? operation() : null;
    for (int size : sizes) {
      if (size < 1 || size > SIZE_MAX || (known == BenchOperation.ATOMIC_LAT && size != 8)) {
        throw usage("--size " + size + ": 1 to " + SIZE_MAX + " bytes, and 8 for atomics");
      }
    }
    range("--iterations", iterations, 1, COUNT_MAX);
    range("--warm-up", warmUp, 0, COUNT_MAX);
    range("--tx-depth", depth, 1, DEPTH_MAX);
  }

  private static void range(String name, int value, int least, int most) throws LegoFailure {
    if (value < least || value > most) {
      throw usage(name + " " + value + ": " + least + " to " + most);
    }
  }

  private static LegoFailure usage(String message) {
    return new LegoFailure(LegoFailure.USAGE, message);
  }

  private BenchOperation operation() throws LegoFailure {
    for (BenchOperation each : BenchOperation.values()) {
      if (each.text().equals(operation)) {
        return each;
      }
    }
    throw usage(
        "'" + operation + "' is none of read-lat, write-lat, atomic-lat, read-bw and write-bw");
  }

  private static FabricAddress address(String option, String text) throws LegoFailure {
    try {
      return FabricAddress.parse(text);
    } catch (IllegalArgumentException e) {
      throw new LegoFailure(LegoFailure.USAGE, option + ": " + e.getMessage(), e);
    }
  }

  private long largest() {
    return sizes.stream().mapToInt(Integer::intValue).max().orElse(1 << 20);
  }

  private int serve(Fabric fabric) throws LegoFailure, FabricException {
    try (BenchServer server = new BenchServer(fabric, address("--listen", listen), largest())) {
      System.out.println("listening " + server.address());
      server.run();
      return 0;
    }
  }

  private int measure(Fabric fabric, FabricAddress server)
      throws LegoFailure, FabricException, IOException {
    BenchOperation known = operation();
    List<Integer> wanted =
        !sizes.isEmpty() ? sizes : List.of(known == BenchOperation.ATOMIC_LAT ? 8 : 4096);
    List<Map<String, Object>> figures = new ArrayList<>();
    BenchResult last = null;
    long most = wanted.stream().mapToInt(Integer::intValue).max().orElseThrow();
    try (BenchClient client = new BenchClient(fabric, server, most)) {
      System.out.println(BenchTable.head(known));
      for (int size : wanted) {
        last = client.run(new BenchPlan(known, size, iterations, warmUp, depth, events));
        System.out.println(BenchTable.line(last));
        figures.add(last.asMap());
      }
    }
    write(fabric, figures, last);
    return 0;
  }

  private void write(Fabric fabric, List<Map<String, Object>> figures, BenchResult last)
      throws IOException {
    if (json != null) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("fabric", fabric.name());
      document.put("java", System.getProperty("java.vm.version"));
      document.put("kernel", System.getProperty("os.version"));
      document.put("results", figures);
      new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(json.toFile(), document);
    }
    if (hgrm != null && !last.plan().operation().isBandwidth()) {
      try (PrintStream out =
          new PrintStream(Files.newOutputStream(hgrm), false, StandardCharsets.UTF_8)) {
        last.latencyNs().outputPercentileDistribution(out, 1_000.0);
      }
    }
  }
}
