package io.splitkernel.fabric.verbs;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Keeps a connection's native parts alive while a thread posts: who posts enters, looks whether the
 * connection is closed, and leaves; who has closed it waits until nobody is inside. One posting
 * thread for each gate; data path, allocates nothing.
 */
final class PostGate {
  private static final VarHandle PASSES;
  private static final long WAIT_NS = TimeUnit.SECONDS.toNanos(5);
  private static final long PAUSE_NS = 10_000;

  static {
    try {
      PASSES = MethodHandles.lookup().findVarHandle(PostGate.class, "passes", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  // odd while the thread is inside; it alone writes
  private long passes;

  /** Posting thread, before it looks at the state. */
  void enter() {
    PASSES.setRelease(this, passes + 1);
    VarHandle.fullFence();
  }

  /** Posting thread. */
  void leave() {
    PASSES.setRelease(this, passes + 1);
  }

  /** Whether nobody is inside. Any thread that knows that the state is closed. */
  boolean isEmpty() {
    return ((long) PASSES.getAcquire(this) & 1) == 0;
  }

  /**
   * Waits until whoever entered before the state was closed has left. Any thread but the posting
   * one in the middle of a post.
   *
   * @return false when that took more than five seconds.
   */
  boolean awaitEmpty() {
    VarHandle.fullFence();
    long start = System.nanoTime();
    while (!isEmpty()) {
      if (System.nanoTime() - start > WAIT_NS) {
        return false;
      }
      LockSupport.parkNanos(PAUSE_NS);
    }
    return true;
  }
}
