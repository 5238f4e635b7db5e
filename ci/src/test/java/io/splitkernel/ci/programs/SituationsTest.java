package io.splitkernel.ci.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Small programs, each in one situation that real programs are in: they print the same, byte for
 * byte, and end alike with and without Lego. Properties: {@code situations.caches}, sizes in MiB
 * (8), {@code situations.times} that each is run with each cache (1), and {@code
 * situations.native=true}, which runs them without Lego only, to see that they are right.
 */
@Timeout(600)
class SituationsTest {
  private static final int SKIPPED = 77;
  private static final long SECONDS_MAX = 90;
  private static final int[] CACHES_MIB =
      Arrays.stream(System.getProperty("situations.caches", "8").split(","))
          .mapToInt(Integer::parseInt)
          .toArray();

  /** What docs/unmodified-programs.md tells of. */
  private static final Map<String, String> KNOWN_DIFFERENCES =
      Map.of("limited-processes.c", "agents count against RLIMIT_NPROC");

  private static final int TIMES = Integer.getInteger("situations.times", 1);

  @TempDir Path scratch;

  static List<Situation> situations() throws IOException {
    return Situation.all();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("situations")
  void shouldBehaveAsNatively(Situation situation) throws Exception {
    if (Boolean.getBoolean("situations.native")) {
      runTwiceNatively(situation);
      return;
    }
    String difference = KNOWN_DIFFERENCES.get(situation.toString());
    assumeTrue(difference == null, () -> "known to differ: " + difference);
    for (int cacheMib : CACHES_MIB) {
      ProgramRun natively = runNatively(situation, cacheMib);
      for (int time = 0; time < TIMES; time++) {
        SideBySide both = bothWays(situation, cacheMib, Workspace.lego().toString());
        ProgramRun lego =
            situation.runsLegoItself()
                ? both.environment("RUN", run(cacheMib)).runNatively()
                : both.runUnderLego((long) cacheMib << 20);
        assertAlike(natively, lego);
      }
    }
  }

  private static String run(int cacheMib) {
    return "%s run --cache %dm --memory 2g --".formatted(Workspace.lego(), cacheMib);
  }

  private ProgramRun runNatively(Situation situation, int cacheMib) throws Exception {
    ProgramRun run = bothWays(situation, cacheMib, "native").runNatively();
    assumeTrue(run.exitStatus() != SKIPPED, run::stdoutText);
    assertEquals(0, run.exitStatus(), () -> "natively: " + run.stdoutText() + run.stderrText());
    return run;
  }

  private void runTwiceNatively(Situation situation) throws Exception {
    String first = runNatively(situation, CACHES_MIB[0]).stdoutText();
    assertEquals(first, runNatively(situation, CACHES_MIB[0]).stdoutText());
  }

  private SideBySide bothWays(Situation situation, int cacheMib, String way) throws IOException {
    Path directory = Files.createTempDirectory(scratch, Path.of(way).getFileName().toString());
    return new SideBySide(directory, situation.command())
        .environment("LEGO_TEST_PRESSURE_MIB", Integer.toString(cacheMib + 12))
        .environment("RUN", "")
        .secondsMax(SECONDS_MAX);
  }

  private static void assertAlike(ProgramRun natively, ProgramRun lego) throws IOException {
    assertEquals(
        natively.stdoutText() + "exit status " + natively.exitStatus(),
        lego.stdoutText() + "exit status " + lego.exitStatus(),
        lego::stderrText);
    assertFalse(lego.stderrText().toLowerCase(Locale.ROOT).contains("lego:"), lego::stderrText);
  }
}
