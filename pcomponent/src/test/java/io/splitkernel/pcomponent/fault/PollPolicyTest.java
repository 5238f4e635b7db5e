package io.splitkernel.pcomponent.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PollPolicyTest {
  private static final long BUDGET_NS = 50_000;

  @Test
  void shouldLookWhileFaultsComeSoonAndSleepWhenTheyDoNot() {
    PollPolicy policy = new PollPolicy(BUDGET_NS);
    assertFalse(policy.isWorthIt());
    policy.onSlept(BUDGET_NS / 2);
    assertTrue(policy.isWorthIt());
    for (int i = 0; i < 100; i++) {
      policy.onLooked(true);
    }
    for (int i = 0; i < 8; i++) {
      assertTrue(policy.isWorthIt(), "after " + i + " vain looks");
      policy.onLooked(false);
    }
    assertFalse(policy.isWorthIt());
  }

  @Test
  void shouldTryNowAndThenAlthoughItDidNotPay() {
    PollPolicy policy = new PollPolicy(BUDGET_NS);
    for (int i = 0; i < 100; i++) {
      policy.onSlept(BUDGET_NS * 20);
    }
    int looks = 0;
    for (int i = 0; i < 320; i++) {
      if (policy.isWorthIt()) {
        policy.onLooked(false);
        looks++;
      }
    }
    assertEquals(10, looks);
  }

  @Test
  void shouldNeverLookWithoutABudget() {
    PollPolicy policy = new PollPolicy(0);
    for (int i = 0; i < 100; i++) {
      policy.onSlept(0);
      assertFalse(policy.isWorthIt());
    }
  }
}
