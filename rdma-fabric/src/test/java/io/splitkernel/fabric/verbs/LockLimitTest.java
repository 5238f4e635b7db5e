package io.splitkernel.fabric.verbs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class LockLimitTest {
  @Test
  void shouldReadTheSoftLimit() {
    String head = "Limit                     Soft Limit           Hard Limit           Units";
    String line = "Max locked memory         65536                unlimited            bytes";
    assertEquals(65_536, LockLimit.soft(List.of(head, line)));
    assertEquals(Long.MAX_VALUE, LockLimit.soft(List.of(head, line.replace("65536", "unlimited"))));
  }

  @Test
  void shouldNotLimitWhoMayLockAnything() {
    assertTrue(LockLimit.mayExceed(List.of("Name: java", "CapEff:\t000001ffffffffff")));
    assertFalse(LockLimit.mayExceed(List.of("Name: java", "CapEff:\t0000000000000000")));
  }

  @Test
  void shouldObjectOnlyAboveTheLimit() {
    assertEquals("", LockLimit.objection(1));
  }
}
