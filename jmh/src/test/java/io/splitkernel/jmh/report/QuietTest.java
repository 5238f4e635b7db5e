package io.splitkernel.jmh.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class QuietTest {
  @Test
  void shouldCountWorkButNotWaiting() {
    String stat = "cpu  10 20 30 4000 500 6 7 800 9000 100\ncpu0 1 2 3 4 5 6 7 8 9 10\n";
    assertEquals(10 + 20 + 30 + 6 + 7, Quiet.busyTicks(stat));
  }
}
