package io.splitkernel.jmh.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The page: one file, nothing from elsewhere. One thread. */
final class ReportPage {
  /** The last thing on the page, for who checks that it is whole. */
  static final String END = "the report ends here";

  private static final List<String> FABRICS = List.of("verbs", "shm");
  private static final String STYLE =
      """
      :root { color-scheme: light dark; --lego: #c2410c; --other: #1d4ed8; --third: #15803d; --grid: #8884; }
      @media (prefers-color-scheme: dark) { :root { --lego: #fb923c; --other: #93c5fd; --third: #86efac; } }
      body { font: 15px/1.5 system-ui, sans-serif; max-width: 1000px; margin: 2em auto; padding: 0 1em; }
      table { border-collapse: collapse; margin: 1em 0; }
      th, td { padding: .2em .8em; text-align: right; border-bottom: 1px solid var(--grid); }
      th:first-child, td:first-child, td.goal { text-align: left; }
      .met { color: #15803d; } .missed { color: #dc2626; font-weight: bold; }
      .charts { display: flex; flex-wrap: wrap; gap: 1em; }
      svg { width: 460px; max-width: 100%; }
      svg text { font-size: 11px; fill: currentColor; } svg text.title { font-weight: bold; }
      svg line { stroke: var(--grid); } svg polyline { fill: none; stroke-width: 2; }
      svg polyline.lego { stroke: var(--lego); } svg text.lego { fill: var(--lego); }
      svg polyline.other { stroke: var(--other); } svg text.other { fill: var(--other); }
      svg polyline.third { stroke: var(--third); } svg text.third { fill: var(--third); }
      """;

  private final StringBuilder out = new StringBuilder();

  private ReportPage() {}

  /**
   * Makes the page and the combined figures.
   *
   * @param directory with what was measured.
   * @throws IOException when nothing is there or it cannot be written.
   */
  static void write(Path directory) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    ArrayNode all = mapper.createArrayNode();
    for (String fabric : FABRICS) {
      Path file = directory.resolve(fabric + ".json");
      if (Files.exists(file)) {
        all.add(mapper.readTree(file.toFile()));
      }
    }
    if (all.isEmpty()) {
      throw new IOException(directory + " has neither verbs.json nor shm.json");
    }
    ObjectNode document = mapper.createObjectNode();
    document.set("measurements", all);
    mapper
        .writerWithDefaultPrettyPrinter()
        .writeValue(directory.resolve("report.json").toFile(), document);
    Files.writeString(directory.resolve("report.html"), new ReportPage().page(all));
  }

  private String page(ArrayNode all) {
    out.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .append("<title>Lego: latency report</title>\n<style>\n")
        .append(STYLE)
        .append("</style>\n</head>\n<body>\n<h1>Lego: latency report</h1>\n")
        .append(
            "<p>One-sided operations from post to completion. Each figure is the median of the ")
        .append("rounds' medians; rounds of Lego and of its yardstick alternate in one boot. A ")
        .append("ratio is the median of the rounds' ratios: the two sides of a round are seconds ")
        .append("apart, and a machine that is slower for minutes is so for both; it is not always ")
        .append("the quotient of the two medians beside it. DiSNI is its interface on Lego's ")
        .append("bindings, without its JNI library.</p>\n");
    all.forEach(this::section);
    return out.append("<footer><small>")
        .append(END)
        .append("</small></footer>\n</body>\n</html>\n")
        .toString();
  }

  private void section(JsonNode measurement) {
    boolean verbs = measurement.path("fabric").asText().equals("verbs");
    out.append("<section>\n<h2>")
        .append(verbs ? "RDMA, beside perftest" : "Shared memory, beside a plain copy")
        .append("</h2>\n<p>");
    Map<String, String> machine = new LinkedHashMap<>();
    for (String name :
        List.of(
            "device",
            "mtu_bytes",
            "kernel",
            "java",
            "processor",
            "processors",
            "rounds",
            "forks",
            "iterations")) {
      if (measurement.has(name)) {
        machine.put(name, measurement.get(name).asText());
      }
    }
    machine.forEach((name, value) ->
        out.append(name.replace('_', ' '))
            .append(": <b>")
            .append(Chart.escape(value))
            .append("</b> &nbsp; "));
    out.append("</p>\n");
    JsonNode comparisons = measurement.path("comparisons");
    table(comparisons);
    out.append("<div class=\"charts\">\n");
    bySize(comparisons, "read-bw", "READ bandwidth, 16 outstanding, MiB/s");
    bySize(comparisons, "write-bw", "WRITE bandwidth, 16 outstanding, MiB/s");
    ratios(comparisons);
    comparisons.forEach(this::percentiles);
    out.append("</div>\n</section>\n");
  }

  private void table(JsonNode comparisons) {
    out.append("<table>\n<tr><th>operation</th><th>bytes</th><th>unit</th><th>Lego</th>")
        .append(
            "<th>99 %</th><th>yardstick</th><th>99 %</th><th>ratio</th><th>DiSNI</th><th>goal</th></tr>\n");
    for (JsonNode each : comparisons) {
      JsonNode yardstick = each.path("yardstick");
      out.append("<tr><td>").append(each.path("operation").asText());
      cell(each.path("bytes").asText());
      cell(each.path("unit").asText());
      cell(figure(each.path("lego").path("median")));
      cell(figure(each.path("lego").path("p99")));
      cell(figure(yardstick.path("median")));
      cell(figure(yardstick.path("p99")));
      cell(figure(each.path("ratio")));
      cell(figure(each.path("disni").path("median")));
      out.append("</td><td class=\"goal ")
          .append(each.path("met").asBoolean() ? "met\">" : "missed\">");
      if (each.has("goal")) {
        out.append(each.path("met").asBoolean() ? "met: " : "missed: ")
            .append(Chart.escape(each.path("goal").asText()));
      }
      out.append("</td></tr>\n");
    }
    out.append("</table>\n");
  }

  private void cell(String text) {
    out.append("</td><td>").append(Chart.escape(text));
  }

  private static String figure(JsonNode number) {
    if (number.isMissingNode()) {
      return "";
    }
    double value = number.asDouble();
    return String.format(Locale.ROOT, value < 10 ? "%.3f" : "%,.1f", value);
  }

  private void bySize(JsonNode comparisons, String operation, String title) {
    List<Chart.Tick> ticks = new ArrayList<>();
    List<double[]> lego = new ArrayList<>();
    List<double[]> other = new ArrayList<>();
    String name = "";
    for (JsonNode each : comparisons) {
      if (each.path("operation").asText().equals(operation)) {
        double at = Math.log(each.path("bytes").asDouble());
        ticks.add(new Chart.Tick(at, size(each.path("bytes").asLong())));
        lego.add(new double[] {at, each.path("lego").path("median").asDouble()});
        if (each.has("yardstick")) {
          name = each.path("yardstick").path("name").asText();
          other.add(new double[] {at, each.path("yardstick").path("median").asDouble()});
        }
      }
    }
    if (ticks.isEmpty()) {
      return;
    }
    Chart chart = new Chart(title, "bytes of an operation", ticks);
    chart.add("lego", "lego", lego);
    if (!other.isEmpty()) {
      chart.add(name, "other", other);
    }
    out.append(chart.svg());
  }

  private void ratios(JsonNode comparisons) {
    Map<Long, Double> bySize = new TreeMap<>();
    for (JsonNode each : comparisons) {
      if (each.path("operation").asText().equals("read-lat") && each.has("ratio")) {
        bySize.put(each.path("bytes").asLong(), each.path("ratio").asDouble());
      }
    }
    if (bySize.isEmpty()) {
      return;
    }
    List<Chart.Tick> ticks = new ArrayList<>();
    List<double[]> points = new ArrayList<>();
    List<double[]> one = new ArrayList<>();
    bySize.forEach((bytes, ratio) -> {
      double at = Math.log(bytes);
      ticks.add(new Chart.Tick(at, size(bytes)));
      points.add(new double[] {at, ratio});
      one.add(new double[] {at, 1});
    });
    Chart chart = new Chart("READ latency, ratio to the yardstick", "bytes of an operation", ticks);
    chart.add("ratio", "lego", points);
    chart.add("the yardstick", "other", one);
    out.append(chart.svg());
  }

  private void percentiles(JsonNode each) {
    if (!each.path("lego").has("curve")) {
      return;
    }
    List<Chart.Tick> ticks = new ArrayList<>();
    for (double percentile : new double[] {0, 50, 90, 99, 99.9}) {
      String label = percentile == 99.9 ? "99.9 %" : (int) percentile + " %";
      ticks.add(new Chart.Tick(nines(percentile), label));
    }
    String size = size(each.path("bytes").asLong());
    Chart chart =
        new Chart(each.path("operation").asText() + ", " + size + ", us", "percentile", ticks);
    chart.add("lego", "lego", curve(each.path("lego")));
    if (each.has("yardstick")) {
      chart.add(
          each.path("yardstick").path("name").asText(), "other", curve(each.path("yardstick")));
    }
    if (each.has("disni")) {
      chart.add("disni", "third", curve(each.path("disni")));
    }
    out.append(chart.svg());
  }

  private static List<double[]> curve(JsonNode samples) {
    List<double[]> points = new ArrayList<>();
    for (JsonNode point : samples.path("curve")) {
      if (point.get(0).asDouble() <= 99.9) {
        points.add(new double[] {nines(point.get(0).asDouble()), point.get(1).asDouble()});
      }
    }
    return points;
  }

  /** 90 % is 1, 99 % is 2. */
  private static double nines(double percentile) {
    return -Math.log10(1 - percentile / 100);
  }

  private static String size(long bytes) {
    if (bytes >= 1 << 20) {
      return (bytes >> 20) + " MiB";
    }
    return bytes >= 1024 ? (bytes >> 10) + " KiB" : bytes + " B";
  }
}
