package io.splitkernel.jmh.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** The figures as lines for a terminal. */
final class Summary {
  private Summary() {}

  /**
   * Prints a line for each comparison.
   *
   * @param directory with {@code report.json}.
   * @return how many goals were missed.
   */
  static int print(Path directory) throws IOException {
    JsonNode report = new ObjectMapper().readTree(directory.resolve("report.json").toFile());
    int missed = 0;
    for (JsonNode measurement : report.path("measurements")) {
      for (JsonNode each : measurement.path("comparisons")) {
        boolean unmet = each.has("goal") && !each.path("met").asBoolean();
        missed += unmet ? 1 : 0;
        System.out.println(line(measurement.path("fabric").asText(), each));
      }
    }
    System.out.println(missed == 0 ? "every goal is met" : missed + " goal(s) missed");
    return missed;
  }

  private static String line(String fabric, JsonNode each) {
    StringBuilder line = new StringBuilder();
    line.append(
        String.format(
            Locale.ROOT,
            "%-5s %-10s %8d  lego %10.3f %-5s",
            fabric,
            each.path("operation").asText(),
            each.path("bytes").asLong(),
            each.path("lego").path("median").asDouble(),
            each.path("unit").asText()));
    if (each.has("ratio")) {
      JsonNode yardstick = each.path("yardstick");
      line.append(
          String.format(
              Locale.ROOT,
              "  %-13s %10.3f  ratio %.3f",
              yardstick.path("name").asText(),
              yardstick.path("median").asDouble(),
              each.path("ratio").asDouble()));
    }
    if (each.has("disni")) {
      double median = each.path("disni").path("median").asDouble();
      line.append(String.format(Locale.ROOT, "  disni %10.3f", median));
    }
    if (each.has("goal")) {
      line.append(each.path("met").asBoolean() ? "  met: " : "  MISSED: ");
      line.append(each.path("goal").asText());
    }
    return line.toString();
  }
}
