package io.splitkernel.pcomponent.fault;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Something that a control thread asks of the pager thread, and waits for. */
abstract class Command {
  private final CountDownLatch done = new CountDownLatch(1);
  private final String what;
  private volatile RuntimeException failure;
  private int result;

  /**
   * @param what for messages.
   */
  Command(String what) {
    this.what = what;
  }

  /**
   * Tries to do it. Pager thread; repeated after every turn until it answers true.
   *
   * @return true when it is done.
   */
  abstract boolean attempt();

  /** What the caller gets; set in {@link #attempt}. */
  void result(int value) {
    result = value;
  }

  /** Pager thread: done, or failed. */
  void finish(RuntimeException why) {
    failure = why;
    done.countDown();
  }

  /** Control thread: waits for the end. */
  int await(long timeoutNs) {
    try {
      if (!done.await(timeoutNs, TimeUnit.NANOSECONDS)) {
        throw new IllegalStateException(
            what + ": the pager did not answer within " + timeoutNs / 1_000_000 + " ms");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(what + ": interrupted", e);
    }
    RuntimeException why = failure;
    if (why != null) {
      throw new IllegalStateException(what + ": " + why.getMessage(), why);
    }
    return result;
  }

  @Override
  public String toString() {
    return what;
  }
}
