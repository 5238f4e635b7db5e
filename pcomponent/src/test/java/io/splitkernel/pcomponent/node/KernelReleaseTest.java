package io.splitkernel.pcomponent.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
final class KernelReleaseTest {
  @Test
  void shouldReadTheFirstTwoNumbers() {
    assertEquals(new KernelRelease(6, 12), KernelRelease.parse("6.12.3-amd64"));
    assertEquals(new KernelRelease(6, 1), KernelRelease.parse("6.1-rc3"));
    assertEquals(new KernelRelease(0, 0), KernelRelease.parse("unknown"));
  }

  @Test
  void shouldCompareMajorBeforeMinor() {
    assertTrue(new KernelRelease(7, 0).isAtLeast(6, 8));
    assertTrue(new KernelRelease(6, 8).isAtLeast(6, 8));
    assertFalse(new KernelRelease(6, 7).isAtLeast(6, 8));
    assertFalse(new KernelRelease(5, 15).isAtLeast(6, 8));
  }
}
