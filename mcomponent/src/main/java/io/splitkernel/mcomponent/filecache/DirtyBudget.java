package io.splitkernel.mcomponent.filecache;

/**
 * Bounds the chunks with unwritten blocks. A writer takes permits for all chunks that it touches
 * and gives back those that it did not need. Any thread.
 */
final class DirtyBudget {
  private final int most;
  private final int background;
  private int used;

  DirtyBudget(int most, int background) {
    this.most = most;
    this.background = background;
  }

  /** Takes permits; false when there are none before the deadline. */
  synchronized boolean take(int permits, long deadlineNs) {
    while (used + permits > most) {
      long leftNs = deadlineNs - System.nanoTime();
      if (leftNs <= 0) {
        return false;
      }
      try {
        wait(leftNs / 1_000_000, (int) (leftNs % 1_000_000));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    used += permits;
    return true;
  }

  /** Takes permits although there may be none. */
  synchronized void force(int permits) {
    used += permits;
  }

  /** Whether permits would have to be waited for. */
  synchronized boolean full(int permits) {
    return used + permits > most;
  }

  synchronized void give(int permits) {
    if (permits > 0) {
      used -= permits;
      notifyAll();
    }
  }

  /** Whether there is so much that it should be written back at once. */
  synchronized boolean pressing() {
    return used >= background;
  }

  synchronized int used() {
    return used;
  }
}
