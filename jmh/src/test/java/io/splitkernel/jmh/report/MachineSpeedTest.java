package io.splitkernel.jmh.report;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MachineSpeedTest {
  private final MachineSpeed speed = new MachineSpeed();

  @Test
  void shouldTellSlowPhaseFromNoise() {
    speed.begin();
    speed.add(10.0);
    speed.add(11.5);
    assertTrue(speed.isSteady());
    speed.add(16.0);
    assertFalse(speed.isSteady());
  }

  @Test
  void shouldForgetEarlierSeries() {
    speed.begin();
    speed.add(10.0);
    speed.begin();
    speed.add(16.0);
    assertTrue(speed.isSteady());
  }
}
