package io.splitkernel.jmh.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.providers.FabricProviders;
import io.splitkernel.fabric.verbs.VerbsDevice;
import io.splitkernel.ffi.rdma.RdmaPort;
import io.splitkernel.launcher.bench.BenchClient;
import io.splitkernel.launcher.bench.BenchServer;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.HdrHistogram.Histogram;

/**
 * What {@code ci/latency-report} runs: {@code measure shm|verbs DIR ROUNDS ITERATIONS} writes
 * {@code DIR/FABRIC.json} and the percentiles of every latency, {@code page DIR} makes {@code
 * report.json} and {@code report.html} of them, {@code summary DIR [--check]} prints them.
 */
public final class LatencyReport {
  private static final int WARM_UP = 150_000;
  private static final ObjectMapper JSON = new ObjectMapper();

  private LatencyReport() {}

  /**
   * Runs one of the steps; a failure ends it with one line and status 1.
   *
   * @param arguments as the class says.
   */
  public static void main(String[] arguments) {
    try {
      if (arguments.length == 5 && arguments[0].equals("measure")) {
        measure(
            arguments[1],
            Path.of(arguments[2]),
            Integer.parseInt(arguments[3]),
            Integer.parseInt(arguments[4]));
      } else if (arguments.length == 2 && arguments[0].equals("page")) {
        ReportPage.write(Path.of(arguments[1]));
      } else if (arguments.length >= 2 && arguments[0].equals("summary")) {
        int missed = Summary.print(Path.of(arguments[1]));
        System.exit(missed > 0 && arguments.length > 2 ? 1 : 0);
      } else {
        throw new IllegalArgumentException(
            "measure shm|verbs DIR ROUNDS ITERATIONS, page DIR or summary DIR [--check] is wanted");
      }
    } catch (IOException | IllegalArgumentException e) {
      System.err.println("latency-report: " + e.getMessage());
      System.exit(1);
    }
  }

  private static void measure(String fabric, Path directory, int rounds, int iterations)
      throws IOException {
    try (Fabric near = FabricProviders.open(fabric);
        Fabric far = FabricProviders.open(fabric);
        BenchServer server =
            new BenchServer(far, new FabricAddress("127.0.0.1", 0), Rounds.LARGEST_BYTES);
        CopyFloor floor = new CopyFloor(Rounds.LARGEST_BYTES)) {
      Thread.ofPlatform().daemon(true).name("latency-report-server").start(server);
      Map<String, Object> document = machine(fabric);
      document.put("rounds", rounds);
      document.put("iterations", iterations);
      try (BenchClient client = new BenchClient(near, server.address(), Rounds.LARGEST_BYTES)) {
        List<Comparison> all;
        if (fabric.equals("verbs")) {
          Perftest perftest = perftest(document);
          try (DisniRun disni = new DisniRun(perftest.address(), Rounds.LARGEST_BYTES)) {
            Rounds.Yardstick yardstick = Rounds.perftest(perftest);
            all =
                new Rounds(client, yardstick, Optional.of(disni), iterations, WARM_UP).run(rounds);
          }
        } else {
          floor.warm(WARM_UP);
          Rounds.Yardstick yardstick = Rounds.copy(floor);
          all = new Rounds(client, yardstick, Optional.empty(), iterations, WARM_UP).run(rounds);
        }
        document.put("comparisons", all.stream().map(each -> each.asMap(fabric)).toList());
        for (Comparison each : all) {
          String stem = each.fileStem(fabric);
          percentiles(directory.resolve(stem + "-lego.hgrm"), each.lego());
          percentiles(
              directory.resolve(stem + "-" + each.yardstick().name() + ".hgrm"), each.yardstick());
          percentiles(directory.resolve(stem + "-disni.hgrm"), each.disni());
        }
      }
      JSON.writerWithDefaultPrettyPrinter()
          .writeValue(directory.resolve(fabric + ".json").toFile(), document);
    }
  }

  private static Map<String, Object> machine(String fabric) throws IOException {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("fabric", fabric);
    map.put("kernel", System.getProperty("os.version"));
    map.put("java", System.getProperty("java.vm.name") + " " + Runtime.version());
    String model =
        Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst()
            .orElse(System.getProperty("os.arch"));
    map.put("processor", model);
    map.put("processors", Runtime.getRuntime().availableProcessors());
    return map;
  }

  /** perftest on the device that the fabric takes, by the same GID. */
  private static Perftest perftest(Map<String, Object> document) throws FabricException {
    for (VerbsDevice each : VerbsDevice.all()) {
      if (each.obstacle().isEmpty()) {
        RdmaPort.Gid gid = each.gidOf(each.addresses().getFirst());
        String address = each.addresses().getFirst().getHostAddress();
        document.put("device", each.name());
        document.put("address", address);
        document.put("mtu_bytes", each.ports().getFirst().mtuBytes());
        return new Perftest(each.name(), gid == null ? 0 : gid.index(), address);
      }
    }
    throw new FabricException(VerbsDevice.noneUsable(""));
  }

  private static void percentiles(Path file, Samples samples) throws IOException {
    Histogram histogram = samples.latencyNs();
    if (histogram.getTotalCount() > 0) {
      try (PrintStream out =
          new PrintStream(Files.newOutputStream(file), false, StandardCharsets.UTF_8)) {
        histogram.outputPercentileDistribution(out, 1_000.0);
      }
    }
  }
}
