package io.splitkernel.jmh.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** Turns collected figures into {@code index.html}, {@code report.json} and a table on stdout. */
public final class LatencyReport {
  private LatencyReport() {}

  /**
   * Writes the report.
   *
   * @param args the directory with the figures, and {@code --check} to fail when a target is
   *     missed.
   * @throws IOException when a file is missing or cannot be written.
   */
  public static void main(String[] args) throws IOException {
    Path directory = Path.of(args[0]);
    List<Comparison> comparisons = Figures.read(directory);
    Map<String, String> machine = machine(directory.resolve("machine.properties"));
    Files.writeString(directory.resolve("index.html"), Page.of(machine, comparisons));
    new ObjectMapper()
        .writerWithDefaultPrettyPrinter()
        .writeValue(directory.resolve("report.json").toFile(), document(machine, comparisons));
    boolean met = true;
    for (Comparison each : comparisons) {
      met &= each.isMet();
      System.out.printf(
          Locale.ROOT,
          "%-18s lego %10.2f  perftest %10.2f %-5s  ratio %5.2f%s%n",
          each.name(),
          each.lego().typical(),
          each.perftest().typical(),
          each.isBandwidth() ? "MiB/s" : "us",
          each.ratio(),
          each.target() == 0 ? "" : (each.isMet() ? "  met " : "  MISSED ") + each.target());
    }
    if (!met && List.of(args).contains("--check")) {
      System.exit(1);
    }
  }

  private static Map<String, String> machine(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      properties.load(reader);
    }
    Map<String, String> sorted = new TreeMap<>();
    properties.forEach((key, value) -> sorted.put(key.toString(), value.toString()));
    return sorted;
  }

  private static Map<String, Object> document(
      Map<String, String> machine, List<Comparison> comparisons) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Comparison each : comparisons) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("operation", each.operation());
      row.put("bytes", each.bytes());
      row.put("unit", each.isBandwidth() ? "MiB/s" : "us");
      row.put("rounds", each.lego().rounds());
      row.put("lego", each.lego().typical());
      row.put("perftest", each.perftest().typical());
      row.put("ratio", each.ratio());
      row.put("target", each.target());
      row.put("lego_percentiles", each.lego().curve());
      row.put("perftest_percentiles", each.perftest().curve());
      rows.add(row);
    }
    return Map.of("machine", machine, "comparisons", rows);
  }
}
