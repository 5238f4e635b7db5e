package io.splitkernel.protocol.rpc;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Whose turn it is to receive on a connection: of its own thread, or of a caller that waits for an
 * answer and would only be woken by that thread. Where calls follow each other the own thread stays
 * away, and looks every {@link #AWAY_NS} whether they still do.
 */
final class ReceiveTurn {
  /** The own thread comes back when no caller has received for as long; 5 ms. */
  static final long AWAY_NS = 5_000_000L;

  private static final int FREE = 0;
  private static final int CALLER = 1;
  private static final int OWN = 2;

  private final AtomicInteger holder = new AtomicInteger(OWN);
  private volatile Thread own;
  private final AtomicLong taken = new AtomicLong();

  /** The thread that has this turn first, and gets it back at the end. */
  void own(Thread thread) {
    own = thread;
  }

  /** A caller wants it; {@link #leave} must follow when it gets it. */
  boolean tryTake() {
    if (holder.get() != FREE || !holder.compareAndSet(FREE, CALLER)) {
      return false;
    }
    taken.incrementAndGet();
    return true;
  }

  /**
   * A caller ends its turn.
   *
   * @param toOwn whether the own thread has something to do and must be next.
   */
  void leave(boolean toOwn) {
    holder.set(toOwn ? OWN : FREE);
    if (toOwn) {
      wakeOwn();
    }
  }

  /** The own thread looks at once. Any thread. */
  void wakeOwn() {
    LockSupport.unpark(own);
  }

  /** Own thread: lets callers have it. */
  void stepBack() {
    holder.set(FREE);
  }

  /**
   * Own thread, after {@link #stepBack}: waits a while, and takes the turn when no caller wants it.
   *
   * @return whether it has the turn.
   */
  boolean comeBack() {
    long seen = taken.get();
    LockSupport.parkNanos(this, AWAY_NS);
    return holder.get() == OWN || (taken.get() == seen && holder.compareAndSet(FREE, OWN));
  }

  /** Own thread: takes it for good; callers that have it must have been told to leave. */
  void takeForGood() {
    while (holder.get() != OWN && !holder.compareAndSet(FREE, OWN)) {
      LockSupport.parkNanos(this, AWAY_NS);
    }
  }
}
