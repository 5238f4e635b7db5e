package io.splitkernel.ci.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Several programs on one cluster of two memory components, in processes of their own: what is
 * killed leaves nothing behind, and the others run on.
 */
@Timeout(240)
class ClusterTest {
  private static final long SECONDS_MAX = 60;
  private static final int FAILED = 125;

  @TempDir Path scratch;
  private final Processes processes = new Processes();
  private final List<Held> holding = new ArrayList<>();
  private Map<String, String> environment;
  private List<String> sharedBefore;
  private String monitor;

  /** One program that holds memory, which a memory component shares with it. */
  private record Held(LiveProgram run, long pid, long owner) {}

  @BeforeEach
  void bringUp() throws Exception {
    sharedBefore = Processes.sharedMemoryFiles();
    environment = processes.environment();
    environment.put("LEGO_STATE_DIR", scratch.resolve("state").toString());
    // much more than the programs hold: each of them stays on one component
    environment.put("LEGO_MCOMPONENT_MEMORY", "2g");
    String output = lego("up", "-m", "2");
    monitor = output.lines().reduce((first, second) -> second).orElse("");
    assertTrue(monitor.startsWith("monitor "), output);
    monitor = monitor.substring("monitor ".length()).strip();
  }

  @AfterEach
  void takeDown() throws Exception {
    try {
      lego("down");
      LiveProgram.await(10, "nothing is left", () -> processes.alive().isEmpty());
      assertEquals(sharedBefore, Processes.sharedMemoryFiles());
    } finally {
      holding.forEach(held -> held.run().close());
      processes.killAll();
    }
  }

  @Test
  void shouldRunThreeProgramsAtOnceOnTwoMemoryComponents() throws Exception {
    List<Path> outputs = new ArrayList<>();
    List<LiveProgram> runs = new ArrayList<>();
    String program = Workspace.compiled("parallel");
    for (int i = 0; i < 3; i++) {
      outputs.add(scratch.resolve("summary" + i));
      runs.add(run("--json", outputs.get(i).toString(), "--", program, "24"));
    }
    ProgramRun natively = new SideBySide(scratch, program, "24").runNatively();
    for (LiveProgram run : runs) {
      assertEquals(0, run.exitStatus(SECONDS_MAX), run.output());
      assertEquals(natively.stdoutText(), run.output());
    }
    for (Path output : outputs) {
      String summary = Files.readString(output);
      ProgramRun run = new ProgramRun(0, scratch, output, output, 0, summary, 0);
      assertTrue(run.counter("remote_reads") > 1_000, summary);
    }
  }

  @Test
  void shouldLeaveNothingOfAKilledProgramNorOfAKilledRun() throws Exception {
    List<Long> components = processes.withCommand("mcomponent");
    assertEquals(2, components.size(), () -> processes.alive().toString());
    Map<Long, String> cluster = processes.alive();
    List<Long> descriptorsBefore = measure(components, pid -> Processes.descriptors(pid, ""));
    List<Long> mappingsBefore = measure(components, pid -> Processes.mappings(pid, "memfd:"));
    hold(24);
    hold(24);
    hold(24);
    assertFalse(
        descriptorsBefore.equals(measure(components, pid -> Processes.descriptors(pid, ""))));

    LiveProgram.kill("KILL", holding.get(0).pid());
    assertEquals(137, holding.get(0).run().exitStatus(SECONDS_MAX), holding.get(0).run().output());
    LiveProgram.kill("KILL", holding.get(1).run().pid());
    assertEquals(137, holding.get(1).run().exitStatus(SECONDS_MAX));
    LiveProgram.await(
        5,
        "the program of the killed run is gone",
        () -> !processes.alive().containsKey(holding.get(1).pid()));
    assertTrue(holding.get(2).run().isAlive(), holding.get(2).run().output());
    endWell(holding.get(2));

    LiveProgram.await(
        10, "only the cluster is left", () -> processes.alive().keySet().equals(cluster.keySet()));
    LiveProgram.await(
        10,
        "the memory components have closed what the programs had",
        () ->
            measure(components, pid -> Processes.descriptors(pid, "")).equals(descriptorsBefore)
                && measure(components, pid -> Processes.mappings(pid, "memfd:"))
                    .equals(mappingsBefore));
  }

  @Test
  void shouldEndAffectedProgramsWhenAMemoryComponentIsKilled() throws Exception {
    hold(16);
    hold(16);
    hold(16);
    long killed = processes.withCommand("mcomponent").getFirst();
    LiveProgram.kill("KILL", killed);
    int lost = 0;
    for (Held held : holding) {
      if (held.owner() == killed) {
        lost++;
        assertEquals(FAILED, held.run().exitStatus(SECONDS_MAX), held.run().output());
        assertEquals(1, held.run().output().lines().count(), held.run().output());
        assertTrue(held.run().output().contains("lego"), held.run().output());
        assertFalse(processes.alive().containsKey(held.pid()));
      }
    }
    assertTrue(lost > 0, "no program has lost its memory");
    assertTrue(lost < holding.size(), "programs on the other memory component run on");
    for (Held held : holding) {
      if (held.owner() != killed) {
        assertTrue(held.run().isAlive(), held.run().output());
        endWell(held);
      }
    }
  }

  private void endWell(Held held) throws Exception {
    LiveProgram.kill("TERM", held.pid());
    assertEquals(0, held.run().exitStatus(SECONDS_MAX), held.run().output());
    assertEquals("hold ok\n", held.run().output());
  }

  private void hold(int mib) throws Exception {
    List<Long> components = processes.withCommand("mcomponent");
    List<Long> before = measure(components, pid -> Processes.mappings(pid, "memfd:"));
    Path ready = scratch.resolve("ready" + holding.size());
    LiveProgram run =
        run("--", Workspace.compiled("hold"), ready.toString(), Integer.toString(mib));
    holding.add(new Held(run, -1, -1));
    long pid = Long.parseLong(LiveProgram.awaitLine(ready, SECONDS_MAX));
    List<Long> after = measure(components, each -> Processes.mappings(each, "memfd:"));
    holding.set(holding.size() - 1, new Held(run, pid, grown(components, before, after)));
  }

  /** The only memory component that has more mappings now. */
  private static long grown(List<Long> components, List<Long> before, List<Long> after) {
    List<Long> grown = new ArrayList<>();
    for (int i = 0; i < components.size(); i++) {
      if (after.get(i) > before.get(i)) {
        grown.add(components.get(i));
      }
    }
    assertEquals(1, grown.size(), () -> before + " mappings, then " + after);
    return grown.getFirst();
  }

  private LiveProgram run(String... arguments) throws Exception {
    List<String> line = new ArrayList<>(List.of(Workspace.lego().toString(), "run"));
    line.addAll(List.of("--monitor", monitor, "--cache", "8m"));
    line.addAll(List.of(arguments));
    return new LiveProgram(scratch, environment, line);
  }

  private String lego(String... arguments) throws Exception {
    List<String> line = new ArrayList<>(List.of(Workspace.lego().toString()));
    line.addAll(List.of(arguments));
    try (LiveProgram command = new LiveProgram(scratch, environment, line)) {
      assertEquals(0, command.exitStatus(SECONDS_MAX), command.output());
      return command.output();
    }
  }

  private static List<Long> measure(List<Long> pids, ToLongFunction<Long> question) {
    return pids.stream().map(question::applyAsLong).toList();
  }
}
