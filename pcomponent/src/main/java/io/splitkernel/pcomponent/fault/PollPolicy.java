package io.splitkernel.pcomponent.fault;

/**
 * Decides whether the pager thread looks for the next fault in a loop for a while before it sleeps.
 * That takes a wake-up of the thread, the largest part of a fault, off the path of a program that
 * faults again at once; it would waste a processor where faults are rare. So it is done while it
 * pays: every wait and every attempt that would have found, or has found, a fault within the budget
 * counts for it, every other one against it, and now and then it is tried anyway. Pager thread,
 * data path.
 */
final class PollPolicy {
  private static final int CREDIT_MAX = 8;
  private static final int CREDIT_MIN = -8;
  private static final int TRY_EVERY = 32;

  private final long budgetNs;
  private int credit;
  private int declined;

  /**
   * @param budgetNs longest look; 0 never looks.
   */
  PollPolicy(long budgetNs) {
    this.budgetNs = budgetNs;
  }

  /** Longest look. */
  long budgetNs() {
    return budgetNs;
  }

  /** Whether to look now. */
  boolean isWorthIt() {
    if (budgetNs == 0) {
      return false;
    }
    if (credit > 0) {
      return true;
    }
    declined++;
    if (declined < TRY_EVERY) {
      return false;
    }
    declined = 0;
    return true;
  }

  /** A look has ended. */
  void onLooked(boolean found) {
    count(found);
  }

  /** A fault has ended a sleep of so long. */
  void onSlept(long sleptNs) {
    count(sleptNs < budgetNs);
  }

  private void count(boolean good) {
    credit = good ? Math.min(CREDIT_MAX, credit + 1) : Math.max(CREDIT_MIN, credit - 1);
  }
}
