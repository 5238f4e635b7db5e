package io.splitkernel.pcomponent.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.splitkernel.ffi.SignalRelay;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Signals that are relayed, and those that the virtual machine needs itself. */
@Timeout(30)
final class SignalRelayTest {
  private static final int NO_PIPE = -1;

  @Test
  void shouldLeaveItsFaultsToTheVirtualMachineWhenItIsStartedAgain() {
    assertEquals(0, SignalRelay.start(NO_PIPE));
    assertEquals(0, SignalRelay.start(NO_PIPE));
    int[] some = {1, 2};
    int caught = 0;
    for (int i = 0; i < 20_000; i++) {
      caught += lengthOf(i % 100 == 0 ? null : some) < 0 ? 1 : 0;
    }
    assertEquals(200, caught);
  }

  /** A null reference is found by a fault of the processor. */
  private static int lengthOf(int[] array) {
    try {
      return array.length;
    } catch (NullPointerException e) {
      return -1;
    }
  }
}
