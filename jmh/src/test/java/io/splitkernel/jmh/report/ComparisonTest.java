package io.splitkernel.jmh.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.launcher.bench.BenchOperation;
import java.util.List;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  private final Comparison comparison =
      new Comparison(BenchOperation.READ_LAT, 4096, "ib_read_lat");

  @Test
  void shouldNotBeMovedByMachineThatIsSlowForSomeRounds() {
    round(10.0, 10.0);
    round(20.0, 20.0);
    round(11.0, 10.0);
    round(10.0, 10.0);
    round(20.0, 20.0);
    assertEquals(1.0, comparison.ratio(), 1e-9);
    assertEquals(0.0, comparison.excess(), 1e-9);
    assertTrue(Goal.of("verbs", comparison).orElseThrow().isMet());
  }

  @Test
  void shouldMissGoalWhenMostRoundsAreSlower() {
    round(10.5, 10.0);
    round(20.9, 20.0);
    round(10.0, 10.0);
    assertEquals(1.045, comparison.ratio(), 1e-9);
    assertFalse(Goal.of("verbs", comparison).orElseThrow().isMet());
  }

  @Test
  void shouldTakeMiddleOfEvenNumberOfRounds() {
    round(12.0, 10.0);
    round(10.0, 10.0);
    assertEquals(1.1, comparison.ratio(), 1e-9);
    assertEquals(11.0, comparison.lego().median(), 1e-9);
  }

  @Test
  void shouldHaveNoGoalWithoutYardstick() {
    comparison.lego().add(10.0);
    assertTrue(Goal.of("verbs", comparison).isEmpty());
  }

  @Test
  void shouldRefuseSidesWithDifferentRounds() {
    round(10.0, 10.0);
    comparison.lego().add(10.0);
    assertThrows(IllegalArgumentException.class, comparison::ratio);
  }

  @Test
  void shouldShareRoundsAmongForks() {
    assertEquals(List.of(0, 5, 10), firstRounds(15));
    assertEquals(List.of(0, 1, 3), firstRounds(5));
    assertEquals(List.of(0), firstRounds(1));
  }

  private static List<Integer> firstRounds(int rounds) {
    List<Fork> forks = Fork.all("verbs", BenchOperation.READ_LAT, rounds, 2000);
    assertEquals(rounds, forks.stream().mapToInt(Fork::rounds).sum());
    return forks.stream().map(Fork::firstRound).toList();
  }

  private void round(double lego, double yardstick) {
    comparison.lego().add(lego);
    comparison.yardstick().add(yardstick);
  }
}
