package io.splitkernel.jmh.report;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The report as one HTML page without anything from elsewhere. */
final class Page {
  private static final String STYLE =
      """
      body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem }
      table { border-collapse: collapse; margin: 1rem 0 } td, th { padding: .2rem .8rem; text-align: right;
      border-bottom: 1px solid #ddd } td:first-child, th:first-child { text-align: left }
      .missed { color: #b00020; font-weight: 600 } svg { width: 460px; max-width: 100% }
      svg text { font-size: 11px; fill: #444 } svg .title { font-size: 13px; fill: #000 }
      svg .frame { fill: none; stroke: #bbb } .lego { color: #1f6fb2 } .perftest { color: #c2571a }
      """;

  private Page() {}

  /** Writes it. */
  static String of(Map<String, String> machine, List<Comparison> comparisons) {
    StringBuilder page =
        new StringBuilder("<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'>")
            .append("<meta name='viewport' content='width=device-width'>")
            .append("<title>Lego: latency of the fabric</title><style>")
            .append(STYLE)
            .append("</style></head><body><h1>Latency of the fabric</h1><p>")
            .append("<span class='lego'>Lego</span> beside <span class='perftest'>perftest</span>,")
            .append(" rounds of both alternating in one boot; medians of the rounds.</p>");
    table(page, comparisons);
    page.append("<h2>Percentiles</h2>");
    for (Comparison each : comparisons) {
      if (!each.isBandwidth()) {
        page.append(Chart.percentiles(each.name(), each.lego().curve(), each.perftest().curve()));
      }
    }
    page.append("<h2>Bandwidth by size</h2>");
    for (String operation : List.of("read-bw", "write-bw")) {
      bandwidth(page, operation, comparisons);
    }
    page.append("<h2>Machine</h2><table>");
    machine.forEach((key, value) ->
        page.append("<tr><td>").append(text(key)).append("</td><td>").append(text(value)));
    return page.append("</table><p id='complete'>Report complete.</p></body></html>\n").toString();
  }

  private static void table(StringBuilder page, List<Comparison> comparisons) {
    page.append(
        "<table><tr><th>operation, bytes</th><th>Lego</th><th>perftest</th><th>unit</th>"
            + "<th>ratio</th><th>target</th><th>Lego 99 %</th><th>perftest 99 %</th></tr>");
    for (Comparison each : comparisons) {
      String target = each.target() == 0 ? "" : number(each.target());
      page.append(
          String.format(
              Locale.ROOT,
              "<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td%s>%s</td><td>%s</td><td>%s</td>"
                  + "<td>%s</td></tr>",
              each.name(),
              number(each.lego().typical()),
              number(each.perftest().typical()),
              each.isBandwidth() ? "MiB/s" : "us",
              each.isMet() ? "" : " class='missed'",
              each.ratio() == 0 ? "" : number(each.ratio()),
              target.isEmpty() ? "" : (each.isBandwidth() ? "≥ " : "≤ ") + target,
              each.isBandwidth() ? "" : number(each.lego().tail()),
              each.isBandwidth() ? "" : number(each.perftest().tail())));
    }
    page.append("</table>");
  }

  private static void bandwidth(
      StringBuilder page, String operation, List<Comparison> comparisons) {
    SortedMap<Double, Double> lego = new TreeMap<>();
    SortedMap<Double, Double> perftest = new TreeMap<>();
    for (Comparison each : comparisons) {
      if (each.operation().equals(operation)) {
        lego.put((double) each.bytes(), each.lego().typical());
        if (each.perftest().rounds() > 0) {
          perftest.put((double) each.bytes(), each.perftest().typical());
        }
      }
    }
    if (!lego.isEmpty()) {
      page.append(Chart.bySize(operation, lego, perftest));
    }
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  private static String text(String raw) {
    return raw.replace("&", "&amp;").replace("<", "&lt;");
  }
}
