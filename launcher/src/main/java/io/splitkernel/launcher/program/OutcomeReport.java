package io.splitkernel.launcher.program;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.splitkernel.launcher.settings.Size;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** How a run is reported: a summary for people, one JSON object for programs. */
public final class OutcomeReport {
  private final ProgramOutcome outcome;
  private final long wallNs;

  /**
   * @param outcome of the program.
   * @param wallNs from the start of the command to the end of the program.
   */
  public OutcomeReport(ProgramOutcome outcome, long wallNs) {
    this.outcome = outcome;
    this.wallNs = wallNs;
  }

  /**
   * The summary.
   *
   * @return lines, each with its line end.
   */
  public String summary() {
    StringBuilder text = new StringBuilder(1024);
    line(text, "wall_seconds", seconds());
    line(text, "exit_status", Integer.toString(outcome.exitStatus()));
    for (Map.Entry<String, Long> counter : outcome.counters().entrySet()) {
      long value = counter.getValue();
      String shown = String.format(Locale.ROOT, "%,d", value);
      if (counter.getKey().endsWith("_bytes")) {
        shown += " (" + Size.rounded(value) + ")";
      }
      line(text, counter.getKey(), shown);
    }
    ProgramOutcome.FaultLatency fault = outcome.faultNs();
    line(
        text,
        "fault_ns",
        String.format(
            Locale.ROOT,
            "p50 %,d  p90 %,d  p99 %,d  p999 %,d  max %,d",
            fault.p50(),
            fault.p90(),
            fault.p99(),
            fault.p999(),
            fault.max()));
    return text.toString();
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append(String.format(Locale.ROOT, "lego: %-22s %s%n", name, value));
  }

  private String seconds() {
    return String.format(Locale.ROOT, "%.3f", wallNs / 1e9);
  }

  /**
   * Writes the JSON object.
   *
   * @param file to create or replace.
   * @throws IOException when it cannot be written.
   */
  public void writeJson(Path file) throws IOException {
    try (JsonGenerator json =
        new JsonFactory().createGenerator(Files.newOutputStream(file), JsonEncoding.UTF8)) {
      json.writeStartObject();
      json.writeNumberField("wall_seconds", wallNs / 1e9);
      json.writeNumberField("exit_status", outcome.exitStatus());
      for (Map.Entry<String, Long> counter : outcome.counters().entrySet()) {
        json.writeNumberField(counter.getKey(), counter.getValue());
      }
      ProgramOutcome.FaultLatency fault = outcome.faultNs();
      json.writeObjectFieldStart("fault_ns");
      json.writeNumberField("p50", fault.p50());
      json.writeNumberField("p90", fault.p90());
      json.writeNumberField("p99", fault.p99());
      json.writeNumberField("p999", fault.p999());
      json.writeNumberField("max", fault.max());
      json.writeEndObject();
      json.writeEndObject();
      json.writeRaw('\n');
    }
  }
}
