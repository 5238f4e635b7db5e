package io.splitkernel.ci.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server that forks to save itself: loaded, benchmarked, saved in the background, restarted. */
@Timeout(300)
class RedisTest {
  private static final int KEYS = 120_000;
  private static final long SECONDS_MAX = 60;

  @TempDir Path scratch;
  private final Processes processes = new Processes();

  @AfterEach
  void killLeftOvers() {
    processes.killAll();
  }

  @Test
  void shouldKeepEveryValueThroughLoadBackgroundSaveAndRestart() throws Exception {
    Workspace.lego();
    Workspace.installed("redis-benchmark");
    Path commands = commands();
    String expected;
    long peakBytes;
    try (LiveProgram server = server(List.of())) {
      cli(commands, "--pipe");
      expected = cli(null, "DEBUG", "DIGEST");
      peakBytes = Long.parseLong(info("used_memory_peak"));
      stop(server);
    }
    Files.deleteIfExists(scratch.resolve("dump.rdb"));
    Path json = scratch.resolve("summary.json");
    List<String> lego =
        List.of(
            Workspace.lego().toString(),
            "run",
            "--cache",
            peakBytes / 4 / 1024 + "k",
            "--memory",
            "2g",
            "--json",
            json.toString(),
            "--");
    String benchmarked;
    try (LiveProgram server = server(lego)) {
      cli(commands, "--pipe");
      assertEquals(expected, cli(null, "DEBUG", "DIGEST"), "digest after the load");
      cli(null, "BGSAVE");
      benchmark();
      awaitSaved();
      benchmarked = cli(null, "DEBUG", "DIGEST");
      cli(null, "BGSAVE");
      awaitSaved();
      assertEquals(benchmarked, cli(null, "DEBUG", "DIGEST"), "digest after BGSAVE");
      stop(server);
    }
    String summary = Files.readString(json);
    System.err.println("[programs] redis-server: " + summary);
    ProgramRun run = new ProgramRun(0, scratch, json, json, 0, summary, 0);
    assertTrue(run.counter("remote_reads") > 10_000, summary);
    assertEquals(0, run.counter("resident_end_bytes"), summary);
    try (LiveProgram server = server(lego)) {
      assertEquals(benchmarked, cli(null, "DEBUG", "DIGEST"), "digest after restart under lego");
      stop(server);
    }
    try (LiveProgram server = server(List.of())) {
      assertEquals(benchmarked, cli(null, "DEBUG", "DIGEST"), "digest after native restart");
      stop(server);
    }
  }

  private LiveProgram server(List<String> prefix) throws Exception {
    List<String> line = new ArrayList<>(prefix);
    line.add(Workspace.installed("redis-server"));
    line.addAll(List.of("--port", "0", "--unixsocket", "redis.sock", "--save", ""));
    line.addAll(List.of("--enable-debug-command", "yes", "--dir", scratch.toString()));
    line.addAll(List.of("--activerehashing", "no"));
    LiveProgram server = new LiveProgram(scratch, processes.environment(), line);
    server.expect("eady to accept connections", SECONDS_MAX);
    return server;
  }

  private void stop(LiveProgram server) throws Exception {
    cli(null, "SHUTDOWN", "NOSAVE");
    assertEquals(0, server.exitStatus(SECONDS_MAX), server.output());
  }

  private void awaitSaved() throws Exception {
    LiveProgram.await(
        SECONDS_MAX,
        "background save is done",
        () -> {
          try {
            return info("rdb_bgsave_in_progress").equals("0");
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
    assertEquals("ok", info("rdb_last_bgsave_status"));
  }

  private String info(String name) throws Exception {
    return cli(null, "INFO")
        .lines()
        .filter(line -> line.startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst()
        .orElseThrow();
  }

  private void benchmark() throws Exception {
    run(
        null,
        List.of(
            Workspace.installed("redis-benchmark"),
            "-s",
            "redis.sock",
            "-q",
            "-n",
            "20000",
            "-c",
            "8",
            "-P",
            "16",
            "-r",
            "200000",
            "-d",
            "120",
            "-t",
            "set,get,incr,lpush,sadd,hset"));
  }

  private String cli(Path input, String... arguments) throws Exception {
    List<String> line =
        new ArrayList<>(List.of(Workspace.installed("redis-cli"), "-s", "redis.sock"));
    line.addAll(List.of(arguments));
    return run(input, line).strip();
  }

  private String run(Path input, List<String> line) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(line).directory(scratch.toFile()).redirectErrorStream(true);
    builder.redirectInput(input == null ? Path.of("/dev/null").toFile() : input.toFile());
    Path output = Files.createTempFile(scratch, "output", "");
    builder.redirectOutput(output.toFile());
    Process process = builder.start();
    try {
      assertTrue(process.waitFor(120, TimeUnit.SECONDS), () -> line + " does not end");
    } finally {
      process.destroyForcibly();
    }
    return Files.readString(output);
  }

  private Path commands() throws Exception {
    Path file = scratch.resolve("commands");
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      for (int i = 0; i < KEYS; i++) {
        int key = i * 7919 % 1_000_003;
        switch (i % 4) {
          case 0 -> out.write("SET string:" + key + " " + "v".repeat(40 + i % 160) + i + "\r\n");
          case 1 -> out.write("HSET hash:" + key % 9000 + " f" + i + " value" + key + "\r\n");
          case 2 -> out.write("RPUSH list:" + key % 5000 + " item" + i + "\r\n");
          default -> out.write("ZADD set:" + key % 3000 + " " + i + " member" + key + "\r\n");
        }
      }
    }
    return file;
  }
}
