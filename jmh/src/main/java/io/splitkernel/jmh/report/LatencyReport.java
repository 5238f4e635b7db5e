package io.splitkernel.jmh.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.splitkernel.launcher.bench.BenchOperation;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What {@code ci/latency-report} runs: {@code measure shm|verbs DIR ROUNDS ITERATIONS OPERATIONS}
 * writes {@code DIR/FABRIC.json} and the percentiles of every latency, {@code page DIR} makes
 * {@code report.json} and {@code report.html} of them, {@code summary DIR [--check]} prints them.
 * {@code fork} is how it starts itself for some rounds of an operation.
 */
public final class LatencyReport {
  private static final ObjectMapper JSON = new ObjectMapper();

  private LatencyReport() {}

  /**
   * Runs one of the steps; a failure ends it with one line and status 1.
   *
   * @param arguments as the class says.
   */
  public static void main(String[] arguments) {
    try {
      if (arguments.length == 6 && arguments[0].equals("measure")) {
        measure(
            arguments[1],
            Path.of(arguments[2]),
            Integer.parseInt(arguments[3]),
            Integer.parseInt(arguments[4]),
            operations(arguments[5]));
      } else if (arguments.length == 7 && arguments[0].equals("fork")) {
        Fork.parse(arguments).run(Path.of(arguments[6]));
      } else if (arguments.length == 2 && arguments[0].equals("page")) {
        ReportPage.write(Path.of(arguments[1]));
      } else if (arguments.length >= 2 && arguments[0].equals("summary")) {
        int missed = Summary.print(Path.of(arguments[1]));
        System.exit(missed > 0 && arguments.length > 2 ? 1 : 0);
      } else {
        throw new IllegalArgumentException(
            "measure shm|verbs DIR ROUNDS ITERATIONS OPERATIONS, page DIR or summary DIR [--check] is wanted");
      }
    } catch (IOException | IllegalArgumentException e) {
      System.err.println("latency-report: " + e.getMessage());
      System.exit(1);
    }
  }

  /** Operations by their names with commas between, or {@code all}. */
  private static List<BenchOperation> operations(String names) {
    List<BenchOperation> all = List.of(BenchOperation.values());
    if (names.equals("all")) {
      return all;
    }
    List<String> wanted = List.of(names.split(",", -1));
    List<String> known = all.stream().map(BenchOperation::text).toList();
    if (!known.containsAll(wanted)) {
      throw new IllegalArgumentException(
          "--operations " + names + ": some of " + String.join(",", known) + " are wanted");
    }
    return all.stream().filter(each -> wanted.contains(each.text())).toList();
  }

  private static void measure(
      String fabric, Path directory, int rounds, int iterations, List<BenchOperation> operations)
      throws IOException {
    Fork.check(fabric);
    Map<String, Object> document = machine(fabric);
    document.put("rounds", rounds);
    document.put("forks", Math.min(Fork.FORKS, rounds));
    document.put("iterations", iterations);
    if (fabric.equals("verbs")) {
      Perftest.onDevice().describe(document);
    }
    Map<BenchOperation, List<Comparison>> all = new EnumMap<>(BenchOperation.class);
    for (BenchOperation operation : operations) {
      all.put(operation, Fork.comparisons(fabric, operation));
    }
    for (int i = 0; i < Fork.FORKS; i++) {
      for (BenchOperation operation : operations) {
        List<Fork> forks = Fork.all(fabric, operation, rounds, iterations);
        if (i < forks.size()) {
          forks.get(i).start(directory, all.get(operation));
        }
      }
    }
    List<Comparison> comparisons = all.values().stream().flatMap(List::stream).toList();
    document.put("comparisons", comparisons.stream().map(each -> each.asMap(fabric)).toList());
    for (Comparison each : comparisons) {
      for (Samples samples : each.sides()) {
        String name = each.fileStem(fabric) + "-" + samples.name() + ".hgrm";
        percentiles(directory.resolve(name), samples);
      }
    }
    JSON.writerWithDefaultPrettyPrinter()
        .writeValue(directory.resolve(fabric + ".json").toFile(), document);
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
