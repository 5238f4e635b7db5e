package io.splitkernel.fabric.shm;

import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.WorkRequest;

/** Drains the pending requests of one connection on the event thread, in order, with deadlines. */
final class PendingProgress {
  /** A deadline that is noticed later than by this share of the time was not watched. */
  private static final long LATE_SHARE = 4;

  private final ShmConnection connection;
  private final PendingRequests pending;
  private final Initiator initiator;
  private final ConnectionMemory memory;
  private final long timeoutNs;
  private boolean waiting;
  private long waitingSinceNs;
  private boolean announced;
  private int requestedMemory;
  private boolean ended;

  PendingProgress(
      ShmConnection connection,
      PendingRequests pending,
      Initiator initiator,
      ConnectionMemory memory,
      long timeoutNs) {
    this.connection = connection;
    this.pending = pending;
    this.initiator = initiator;
    this.memory = memory;
    this.timeoutNs = timeoutNs;
  }

  /** Runs what can run; the time until the deadline of what cannot. */
  synchronized long run(long nowNs) {
    while (!ended && !pending.isEmpty()) {
      WorkRequest request = pending.peek();
      long total = RequestCheck.totalBytes(request, ShmFabric.INLINE_BYTES_MAX);
      boolean connected = connection.life().isConnected();
      int outcome = connected ? initiator.execute(request, total) : connection.failedOutcome();
      if (outcome < 0) {
        long left = hold(outcome, nowNs);
        if (left > 0) {
          return left;
        }
        if (left == 0) {
          continue;
        }
        outcome = timeoutStatus(outcome);
      }
      release();
      connection.finish(request, pending.peekSequence(), outcome, total);
      pending.remove();
    }
    return Long.MAX_VALUE;
  }

  /** Waits for the peer: nanoseconds left, 0 to look again at once, negative when time is up. */
  private long hold(int outcome, long nowNs) {
    if (!waiting) {
      waiting = true;
      waitingSinceNs = nowNs;
    }
    if (outcome == Initiator.WAIT_RECEIVE) {
      if (!announced) {
        announced = true;
        memory.setSenderWaits(true);
        return 0;
      }
    } else if (requestedMemory != initiator.missingMemory()) {
      requestedMemory = initiator.missingMemory();
      connection.life().requestMemory(requestedMemory);
    }
    long left = timeoutNs - (nowNs - waitingSinceNs);
    if (-left > timeoutNs / LATE_SHARE) {
      // Nobody has looked when the time was up: this process was stopped, perhaps with its peer.
      waitingSinceNs = nowNs;
      return timeoutNs;
    }
    return left > 0 ? left : -1;
  }

  private static int timeoutStatus(int outcome) {
    return (outcome == Initiator.WAIT_RECEIVE
            ? CompletionStatus.RNR_RETRY_EXCEEDED
            : CompletionStatus.RETRY_EXCEEDED)
        .ordinal();
  }

  private void release() {
    waiting = false;
    requestedMemory = 0;
    if (announced) {
      announced = false;
      memory.setSenderWaits(false);
    }
  }

  /** Event thread or closer: what still waits is flushed, and nothing runs afterwards. */
  synchronized void end() {
    while (!ended && !pending.isEmpty()) {
      WorkRequest request = pending.peek();
      connection.finish(request, pending.peekSequence(), CompletionStatus.FLUSHED.ordinal(), 0);
      pending.remove();
    }
    ended = true;
  }

  /** Returns once the event thread is not inside {@link #run}. */
  synchronized void awaitIdle() {
    assert Thread.holdsLock(this) : "taking the lock is the wait";
  }
}
