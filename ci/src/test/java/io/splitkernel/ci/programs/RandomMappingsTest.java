package io.splitkernel.ci.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Processes that fork, map, move, drop, lock and write at random, against a model of their own
 * ({@code src/test/c/random/mappings.c}), with a cache smaller than what they use: the same digests
 * with and without Lego. Properties: {@code mappings.first} seed (1), number of {@code
 * mappings.seeds} (200), {@code mappings.steps} for each process (40), {@code mappings.native=true}
 * for no Lego at all. The long measure is {@code ci/test -pl ci -am -Dtest=RandomMappingsTest
 * -Dmappings.seeds=20000}.
 */
@Timeout(900)
class RandomMappingsTest {
  private static final long SEEDS_PER_RUN = 20;
  private static final long CACHE_BYTES = 4L << 20;
  private static final long FIRST = Long.getLong("mappings.first", 1);
  private static final long SEEDS = Long.getLong("mappings.seeds", 200);
  private static final int STEPS = Integer.getInteger("mappings.steps", 40);

  @TempDir Path scratch;

  static LongStream firstSeeds() {
    return LongStream.iterate(FIRST, seed -> seed < FIRST + SEEDS, seed -> seed + SEEDS_PER_RUN);
  }

  @ParameterizedTest(name = "from seed {0} on")
  @MethodSource("firstSeeds")
  void shouldHoldWhatTheModelSays(long first) throws Exception {
    long count = Math.min(SEEDS_PER_RUN, FIRST + SEEDS - first);
    List<String> command =
        List.of(
            Workspace.compiled("random/mappings"),
            Long.toString(first),
            Long.toString(count),
            Integer.toString(STEPS));
    ProgramRun natively = with(command, "first").runNatively();
    assertEquals(0, natively.exitStatus(), () -> "natively: " + natively.stdoutText());
    ProgramRun other =
        Boolean.getBoolean("mappings.native")
            ? with(command, "second").runNatively()
            : with(command, "lego").runUnderLego(CACHE_BYTES);
    assertSameSeeds(command, natively, other);
  }

  private SideBySide with(List<String> command, String name) throws Exception {
    Workspace.lego();
    return new SideBySide(Files.createDirectories(scratch.resolve(name)), command)
        .environment("LEGO_TEST_PRESSURE_MIB", "6")
        .secondsMax(240);
  }

  /** Tells what differs, and how to see one seed alone. */
  private static void assertSameSeeds(List<String> command, ProgramRun natively, ProgramRun other) {
    List<String> wanted = natively.stdoutText().lines().toList();
    List<String> odd = new ArrayList<>(other.stdoutText().lines().toList());
    long lines = odd.size();
    odd.removeAll(wanted);
    assertTrue(
        odd.isEmpty() && lines == wanted.size() && other.exitStatus() == 0,
        () ->
            """
            %s
            %d of %d lines, exit status %d, stderr: %s
            again, one seed: lego run --cache %dm --memory 1g -- env LEGO_TEST_PRESSURE_MIB=6 %s SEED 1 %d\
            """
                .formatted(
                    String.join("\n", odd),
                    lines,
                    wanted.size(),
                    other.exitStatus(),
                    other.stderrText(),
                    CACHE_BYTES >> 20,
                    command.getFirst(),
                    STEPS));
  }
}
