package io.splitkernel.ci.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Programs that need more than {@code --memory}: an error or a death with its reason, never a hang.
 */
@Timeout(120)
class LimitsTest {
  private static final long CACHE_BYTES = 8L << 20;
  private static final long MEMORY_BYTES = 64L << 20;
  private static final int KILLED = 137;
  private static final int LEGO_FAILED = 125;

  @TempDir Path scratch;

  @Test
  void shouldAnswerEnomemWhenOneMappingExceedsTheMemory() throws Exception {
    ProgramRun run = run("ask", "512");
    assertEquals(0, run.exitStatus(), run::stderrText);
    assertEquals("refused\n", run.stdoutText());
  }

  @Test
  void shouldAnswerNullFromMallocWhenTheMemoryIsUsedUp() throws Exception {
    ProgramRun run = run("malloc", "512");
    assertEquals(0, run.exitStatus(), run::stderrText);
    assertEquals("refused\n", run.stdoutText());
  }

  @Test
  void shouldKillWithOneLineWhenOvercommittedMemoryIsTouched() throws Exception {
    ProgramRun run = run("touch", "256");
    assertEquals(KILLED, run.exitStatus(), run::stderrText);
    assertEquals("touching\n", run.stdoutText());
    assertEquals(1, run.stderrText().lines().count(), run::stderrText);
    assertTrue(run.stderrText().contains("--memory"), run::stderrText);
  }

  @Test
  void shouldHoldWhatFitsExactlyTouched() throws Exception {
    ProgramRun run = run("touch", "40");
    assertEquals(0, run.exitStatus(), run::stderrText);
    assertEquals("touching\ntouched all\n", run.stdoutText());
    assertEquals("", run.stderrText());
  }

  @Test
  void shouldNotWaitForAMemoryComponentThatDiesBeforeItIsReady() throws Exception {
    Processes processes = new Processes();
    List<String> line = List.of(Workspace.lego().toString(), "run", "--cache", "8m");
    List<String> program = List.of("--", Workspace.compiled("overcommit"), "touch", "40");
    List<String> command = Stream.of(line, program).flatMap(List::stream).toList();
    try (LiveProgram run = new LiveProgram(scratch, processes.environment(), command)) {
      LiveProgram.await(60, "a child", () -> !processes.withCommand("mcomponent").isEmpty());
      LiveProgram.kill("KILL", processes.withCommand("mcomponent").getFirst());
      assertEquals(LEGO_FAILED, run.exitStatus(20), run.output());
      assertTrue(run.output().contains("the memory component ended"), run.output());
    } finally {
      processes.killAll();
    }
  }

  private ProgramRun run(String mode, String mib) throws Exception {
    Workspace.lego();
    return new SideBySide(scratch, Workspace.compiled("overcommit"), mode, mib)
        .memoryBytes(MEMORY_BYTES)
        .secondsMax(100)
        .runUnderLego(CACHE_BYTES);
  }
}
