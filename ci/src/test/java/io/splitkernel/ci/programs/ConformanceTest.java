package io.splitkernel.ci.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the kernel promises to programs about their memory, checked by C programs that verify every
 * page, with a cache far smaller than what they touch.
 */
@Timeout(240)
class ConformanceTest {
  private static final long CACHE_BYTES = 8L << 20;
  private static final int SKIPPED = 77;

  @TempDir Path scratch;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "odirect",
        "uring",
        "forkcow",
        "altstack",
        "sync",
        "mapping",
        "protect",
        "stack",
        "spawn",
        "vmread",
        "heap",
        "files",
        "buffers",
        "lock"
      })
  void shouldKeepThePromisesOfTheKernel(String program) throws Exception {
    ProgramRun run = new SideBySide(scratch, Workspace.compiled(program)).compare(CACHE_BYTES);
    assumeTrue(run.exitStatus() != SKIPPED, run::stdoutText);
    assertEquals(0, run.exitStatus(), run::stderrText);
    assertTrue(run.counter("evictions") > 0, run.summary());
    // what processes share after a fork counts for each of them until eviction has caught up
    long processes = 1 + run.counter("forks");
    assertTrue(run.counter("resident_peak_bytes") <= CACHE_BYTES * processes, run.summary());
  }

  @Test
  void shouldCreateAThousandThreads() throws Exception {
    assertNothingStaysResident(
        new SideBySide(scratch, Workspace.compiled("threadstorm"), "1000").compare(16L << 20));
  }

  @Test
  @Timeout(420)
  void shouldForkAndExecTenThousandTimes() throws Exception {
    assertNothingStaysResident(
        new SideBySide(scratch, Workspace.compiled("forkstorm", "-static"), "10000")
            .secondsMax(400)
            .compare(16L << 20));
  }

  private static void assertNothingStaysResident(ProgramRun run) {
    assertEquals(0, run.exitStatus(), run::stderrText);
    assertTrue(run.counter("resident_peak_bytes") <= 16L << 20, run.summary());
    assertEquals(0, run.counter("resident_end_bytes"), run.summary());
  }

  @Test
  void shouldShowTheProgramWhatItSeesNatively() throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(Workspace.compiled("self"), "", " two words ", "*", "$HOME", "a\"b"));
    command.add("line\nbreak");
    command.add("x".repeat(50_000));
    SideBySide both =
        new SideBySide(scratch, command)
            .environment("EMPTY", "")
            .environment("SPACED", " a b ")
            .environment("LEGO_TEST_MARK", "kept");
    ProgramRun natively = both.runNatively();
    ProgramRun lego = both.runUnderLego(CACHE_BYTES);
    assertEquals(
        natively.stdoutText().replace("/native/cwd", "/cwd"),
        lego.stdoutText().replace("/lego/cwd", "/cwd"));
    assertEquals("", lego.stderrText());
  }
}
