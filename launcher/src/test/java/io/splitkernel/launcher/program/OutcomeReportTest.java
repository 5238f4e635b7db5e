package io.splitkernel.launcher.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class OutcomeReportTest {
  private static OutcomeReport report() {
    Map<String, Long> counters = new LinkedHashMap<>();
    counters.put("page_faults", 12_345L);
    counters.put("remote_read_bytes", 3L << 30);
    return new OutcomeReport(
        new ProgramOutcome(137, counters, new ProgramOutcome.FaultLatency(1, 2, 3, 4, 5)),
        1_500_000_000L);
  }

  @Test
  void shouldWriteOneJsonObjectWhenAskedForJson(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("run.json");
    report().writeJson(file);
    JsonNode json = new ObjectMapper().readTree(file.toFile());
    assertEquals(1.5, json.get("wall_seconds").asDouble());
    assertEquals(137, json.get("exit_status").asInt());
    assertEquals(12_345, json.get("page_faults").asLong());
    assertEquals(3L << 30, json.get("remote_read_bytes").asLong());
    assertEquals(4, json.get("fault_ns").get("p999").asLong());
    assertEquals(5, json.get("fault_ns").get("max").asLong());
  }

  @Test
  void shouldPrintEveryFigureWhenAskedForASummary() {
    String summary = report().summary();
    assertTrue(summary.contains("12,345"), summary);
    assertTrue(summary.contains("3.0 GiB"), summary);
    assertTrue(summary.lines().allMatch(line -> line.startsWith("lego: ")), summary);
  }
}
