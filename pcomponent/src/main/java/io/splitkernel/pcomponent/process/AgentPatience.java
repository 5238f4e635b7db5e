package io.splitkernel.pcomponent.process;

/**
 * How long an agent's answer is waited for: while both could run. Time in which this process was
 * stopped itself does not count, and once the time is over it begins anew when the agent is found
 * stopped or frozen. One waiting thread at a time; data path, but for the end of the time.
 */
final class AgentPatience {
  private final long deadlineNs;
  private final long sliceNs;
  private long seenNs;
  private long waitedNs;

  /**
   * @param deadlineNs how long.
   * @param sliceNs how often it is looked at; more than twice that at once was no waiting.
   */
  AgentPatience(long deadlineNs, long sliceNs) {
    this.deadlineNs = deadlineNs;
    this.sliceNs = sliceNs;
  }

  /** The waiting begins. */
  void begin() {
    seenNs = System.nanoTime();
    waitedNs = 0;
  }

  /** Time of waiting so far. */
  long waitedNs() {
    long nowNs = System.nanoTime();
    waitedNs += Math.min(nowNs - seenNs, 2 * sliceNs);
    seenNs = nowNs;
    return waitedNs;
  }

  /** Whether the time is over, wherever the agent is. */
  boolean isLate() {
    return waitedNs() > deadlineNs;
  }

  /**
   * The time is over: gives the agent as much again if it cannot run.
   *
   * @throws IllegalStateException when it could have answered.
   */
  void check(int tid) {
    if (waitedNs > deadlineNs) {
      if (!TaskState.isSuspended(tid)) {
        throw new IllegalStateException(
            "the agent in the program did not answer within " + deadlineNs / 1_000_000 + " ms");
      }
      begin();
    }
  }
}
