package io.splitkernel.ci.programs;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.shm.ShmConfig;
import io.splitkernel.fabric.shm.ShmFabric;
import io.splitkernel.mcomponent.node.MemoryComponent;
import io.splitkernel.mcomponent.node.MemoryComponentConfig;
import io.splitkernel.monitor.MonitorCounter;
import io.splitkernel.monitor.node.MonitorNode;
import io.splitkernel.monitor.node.MonitorNodeConfig;
import io.splitkernel.protocol.Secret;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run that is stopped for longer than any lease goes on, with its memory, when it is continued.
 */
@Timeout(240)
class StoppedTest {
  private static final long SECONDS_MAX = 60;
  private static final String CONTROL_Z = "\u001a";
  private static final String SECRET = "a secret for tests";
  private static final FabricAddress ANYWHERE = new FabricAddress("localhost", 0);

  /** Longer than the ten seconds after which components of a cluster give each other up. */
  private static final Duration LONG = Duration.ofSeconds(12);

  /** Reads and checks more than the cache holds, again and again, and says so for each round. */
  private static final String ROUNDS =
      """
      import sys
      pages = [bytes([i]) * 4096 for i in range(200)]
      memory = [bytearray(p * 64) for p in pages]
      turn = 0
      while True:
          for page, part in zip(pages, memory):
              assert part == page * 64
          turn += 1
          print('turn', turn, flush=True)
      """;

  @TempDir Path scratch;
  private final Processes processes = new Processes();

  @AfterEach
  void killLeftOvers() {
    processes.killAll();
  }

  @Test
  void shouldGoOnAfterAStopOfTheWholeRunWithItsOwnCluster() throws Exception {
    String python = Workspace.installed("python3");
    List<String> command =
        List.of(
            Workspace.lego().toString(), "run", "--cache", "8m", "--memory", "512m", "--", python);
    try (LiveProgram lego =
        new LiveProgram(scratch, processes.environment(), with(command, "-c", ROUNDS))) {
      lego.expect("turn 2\n", SECONDS_MAX);
      LiveProgram.kill("STOP", lego.pid());
      Awaitility.await().during(LONG).atMost(LONG.multipliedBy(2)).until(lego::isAlive);
      LiveProgram.kill("CONT", lego.pid());
      expectAnotherTurn(lego);
    }
  }

  @Test
  void shouldGoOnAfterControlZWithAMonitor() throws Exception {
    Path program = Files.writeString(scratch.resolve("rounds.py"), ROUNDS);
    Secret secret = Secret.of(SECRET);
    try (ShmFabric fabric = ShmFabric.open(ShmConfig.defaults());
        MonitorNode monitor =
            MonitorNode.start(
                fabric,
                MonitorNodeConfig.of(ANYWHERE, secret).withLease(200_000_000L, 2_000_000_000L));
        MemoryComponent _ =
            MemoryComponent.start(
                fabric,
                MemoryComponentConfig.of(
                    "memory", 512L << 20, ANYWHERE, monitor.address(), secret))) {
      String run =
          "'%s' run --fabric shm --monitor %s --cache 8m --memory 256m -- %s %s\n"
              .formatted(
                  Workspace.lego(), monitor.address(), Workspace.installed("python3"), program);
      try (LiveProgram terminal = shell()) {
        terminal.send(run);
        terminal.expect("turn 2\r\n", SECONDS_MAX);
        terminal.send(CONTROL_Z);
        terminal.expect("Stopped", SECONDS_MAX);
        Awaitility.await()
            .during(LONG)
            .atMost(LONG.multipliedBy(2))
            .until(() -> monitor.counters().get(MonitorCounter.MEMBERS_LOST) == 0);
        terminal.send("fg\n");
        expectAnotherTurn(terminal);
      }
    }
  }

  private LiveProgram shell() throws Exception {
    Map<String, String> environment = processes.environment();
    environment.put(Secret.ENVIRONMENT, SECRET);
    String bash = Workspace.installed("bash") + " --norc --noprofile -i";
    return new LiveProgram(
        scratch,
        environment,
        List.of(Workspace.installed("script"), "-q", "-e", "-c", "exec " + bash, "/dev/null"));
  }

  private static List<String> with(List<String> command, String... more) {
    return Stream.concat(command.stream(), Stream.of(more)).toList();
  }

  private static void expectAnotherTurn(LiveProgram program) {
    String before = program.output();
    int last = before.lastIndexOf("turn ");
    LiveProgram.await(
        SECONDS_MAX,
        "another turn",
        () -> program.output().lastIndexOf("turn ") > last || !program.isAlive());
    assertTrue(program.isAlive(), program.output());
  }
}
