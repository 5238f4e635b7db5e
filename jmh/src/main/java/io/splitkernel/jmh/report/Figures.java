package io.splitkernel.jmh.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads what {@code ci/latency-report} has collected: {@code lego/ROUND-OPERATION.json}, {@code
 * perftest/ROUND-OPERATION-BYTES.txt} and {@code machine.properties}.
 */
final class Figures {
  private static final Pattern PERFTEST_FILE =
      Pattern.compile("\\d+-([a-z]+-(?:lat|bw))-(\\d+)\\.txt");
  private static final Pattern NUMBERS = Pattern.compile("^\\s*\\d+(?:\\s+[0-9.]+){4,}\\s*$");
  private static final Pattern SAMPLE = Pattern.compile("^\\d+, ([0-9.]+)$");
  private static final double[] CURVE = {0, 10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 100};
  private static final int LATENCY_TYPICAL = 4;
  private static final int LATENCY_P99 = 7;
  private static final int BANDWIDTH_AVERAGE = 3;

  private final Map<String, Measured> lego = new LinkedHashMap<>();
  private final Map<String, Measured> perftest = new LinkedHashMap<>();

  /** Everything below a directory. */
  static List<Comparison> read(Path directory) throws IOException {
    Figures figures = new Figures();
    for (Path file : files(directory.resolve("lego"), ".json")) {
      figures.readLego(file);
    }
    for (Path file : files(directory.resolve("perftest"), ".txt")) {
      figures.readPerftest(file);
    }
    List<Comparison> all = new ArrayList<>();
    for (Map.Entry<String, Measured> each : figures.lego.entrySet()) {
      String[] name = each.getKey().split(" ", 2);
      Measured other = figures.perftest.getOrDefault(each.getKey(), new Measured());
      all.add(new Comparison(name[0], Integer.parseInt(name[1]), each.getValue(), other));
    }
    return all;
  }

  private static List<Path> files(Path directory, String ending) throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.filter(each -> each.toString().endsWith(ending)).sorted().toList();
    }
  }

  private static Measured of(Map<String, Measured> map, String operation, int bytes) {
    return map.computeIfAbsent(operation + " " + bytes, name -> new Measured());
  }

  private void readLego(Path file) throws IOException {
    for (JsonNode each : new ObjectMapper().readTree(file.toFile()).path("results")) {
      Measured measured = of(lego, each.path("operation").asText(), each.path("bytes").asInt());
      if (each.has("average_mib_per_s")) {
        measured.addBandwidth(each.path("average_mib_per_s").asDouble());
      } else {
        measured.addLatency(each.path("p50_us").asDouble(), each.path("p99_us").asDouble());
        each.path("percentiles_us")
            .properties()
            .forEach(point ->
                measured.addPoint(Double.parseDouble(point.getKey()), point.getValue().asDouble()));
      }
    }
  }

  private void readPerftest(Path file) throws IOException {
    Matcher name = PERFTEST_FILE.matcher(file.getFileName().toString());
    if (!name.matches()) {
      return;
    }
    Measured measured = of(perftest, name.group(1), Integer.parseInt(name.group(2)));
    List<Double> samples = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      Matcher sample = SAMPLE.matcher(line);
      if (sample.matches()) {
        samples.add(Double.parseDouble(sample.group(1)));
      } else if (NUMBERS.matcher(line).matches()) {
        String[] columns = line.trim().split("\\s+", -1);
        if (name.group(1).endsWith("-bw")) {
          measured.addBandwidth(Double.parseDouble(columns[BANDWIDTH_AVERAGE]));
        } else {
          measured.addLatency(
              Double.parseDouble(columns[LATENCY_TYPICAL]),
              Double.parseDouble(columns[LATENCY_P99]));
        }
      }
    }
    samples.sort(null);
    for (double percentile : samples.isEmpty() ? new double[0] : CURVE) {
      int index = (int) Math.ceil(percentile / 100 * samples.size()) - 1;
      measured.addPoint(percentile, samples.get(Math.max(0, index)));
    }
  }
}
