package io.splitkernel.launcher.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code lego bench} as a user starts it, and the second process that it starts. */
@Timeout(180)
class BenchProcessesTest {
  private static final String ENDLESS =
      "bench write-lat --fabric shm -s 64 --warm-up 100000000 -n 10000000";

  @TempDir Path directory;

  private LegoJvm start(String line) throws Exception {
    return new LegoJvm(directory, line);
  }

  /** Waits for the first line, which comes when the target is there. */
  private static ProcessHandle target(LegoJvm bench) throws Exception {
    String head = bench.line();
    assertTrue(head != null && head.startsWith(" #bytes"), head + bench.errors());
    return bench.child();
  }

  private static List<String> names(JsonNode node) {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private JsonNode measure(String line) throws Exception {
    Path json = directory.resolve("bench.json");
    try (LegoJvm bench = start(line + " --json " + json)) {
      assertEquals(0, bench.status(), bench.errors());
      assertEquals("", bench.errors());
      return new ObjectMapper().readTree(json.toFile());
    }
  }

  @Test
  void shouldWriteTheNamesThatScriptsRelyOnWhenLatencyIsMeasured() throws Exception {
    JsonNode json = measure("bench read-lat -s 64 -n 3000 --fabric shm");
    assertEquals(
        List.of(
            "op",
            "fabric",
            "device",
            "bytes",
            "iterations",
            "min_ns",
            "p50_ns",
            "p90_ns",
            "p99_ns",
            "p999_ns",
            "max_ns",
            "mean_ns"),
        names(json).subList(0, 12));
    assertFalse(json.has("results"));
    assertEquals("read-lat", json.get("op").textValue());
    assertEquals("shm", json.get("fabric").textValue());
    assertEquals("", json.get("device").textValue());
    assertEquals(64, json.get("bytes").intValue());
    assertEquals(3000, json.get("iterations").intValue());
    long before = 1;
    for (String name : List.of("min_ns", "p50_ns", "p90_ns", "p99_ns", "p999_ns", "max_ns")) {
      assertTrue(json.get(name).isIntegralNumber(), name);
      assertTrue(json.get(name).longValue() >= before, json.toString());
      before = json.get(name).longValue();
    }
  }

  @Test
  void shouldWriteTheNamesThatScriptsRelyOnWhenBandwidthIsMeasured() throws Exception {
    JsonNode json = measure("bench --fabric shm --size 1k,4k --iterations 2000 write-bw");
    assertEquals(
        List.of("op", "fabric", "device", "bytes", "iterations", "bytes_per_second"),
        names(json).subList(0, 6));
    assertEquals(4096, json.get("bytes").intValue());
    assertTrue(json.get("bytes_per_second").longValue() > 0, json.toString());
    assertEquals(2, json.get("results").size());
    assertEquals(1024, json.get("results").get(0).get("bytes").intValue());
    assertEquals(json.get("bytes_per_second"), json.get("results").get(1).get("bytes_per_second"));
  }

  @Test
  void shouldHaveItsTargetInAnotherProcessThatIsGoneAfterwards() throws Exception {
    try (LegoJvm bench = start("bench read-lat --fabric shm -s 64 -n 3000000")) {
      ProcessHandle target = target(bench);
      assertTrue(LegoJvm.isAlive(target));
      assertEquals(0, bench.status(), bench.errors());
      assertFalse(LegoJvm.isAlive(target));
      assertTrue(bench.line().startsWith(" 64 "));
    }
  }

  @Test
  void shouldLeaveNoTargetWhenItIsKilled() throws Exception {
    try (LegoJvm bench = start(ENDLESS)) {
      ProcessHandle target = target(bench);
      bench.kill();
      LegoJvm.awaitGone(target);
    }
  }

  @Test
  void shouldLeaveNoTargetWhenASignalEndsIt() throws Exception {
    try (LegoJvm bench = start(ENDLESS)) {
      ProcessHandle target = target(bench);
      bench.terminate();
      assertEquals(143, bench.status());
      assertFalse(LegoJvm.isAlive(target));
      assertEquals("", bench.errors());
    }
  }

  @Test
  void shouldSayInOneLineThatTheTargetIsLostWhenItIsKilled() throws Exception {
    try (LegoJvm bench = start(ENDLESS)) {
      target(bench).destroyForcibly();
      assertEquals(1, bench.status());
      assertEquals(1, bench.errors().lines().count(), bench.errors());
      assertTrue(bench.errors().contains("the target process ended"), bench.errors());
    }
  }

  @Test
  void shouldMeasureAgainstAServingProcessWhenAHostIsNamed() throws Exception {
    try (LegoJvm server = start("bench --serve --listen 127.0.0.1:0 --fabric shm -s 64k")) {
      String line = server.line();
      assertTrue(line.matches("listening 127\\.0\\.0\\.1:\\d+"), line);
      String host = line.replace("listening ", "");
      JsonNode json = measure("bench atomic-lat -n 500 --fabric shm " + host);
      assertEquals(8, json.get("bytes").intValue());
      assertEquals(
          4096,
          measure("bench read-bw -n 500 --fabric shm --connect " + host).get("bytes").intValue());
      try (LegoJvm larger = start("bench read-bw -s 128k --fabric shm " + host)) {
        assertEquals(1, larger.status());
        assertTrue(larger.errors().contains("start it with -s 131072"), larger.errors());
      }
    }
  }

  @Test
  void shouldEndAtOnceWhenItsStdinEndsAsATetheredTarget() throws Exception {
    try (LegoJvm orphan = start("bench --serve --tethered --listen 127.0.0.1:0 --fabric shm")) {
      assertTrue(orphan.line().startsWith("listening "));
      orphan.endInput();
      assertEquals(0, orphan.status());
    }
  }
}
