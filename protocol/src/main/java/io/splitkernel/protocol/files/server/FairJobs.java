package io.splitkernel.protocol.files.server;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Operations that wait for a worker. Each client has a lane; workers take from the lanes in turns,
 * first from those of which nothing is carried out. A quarter of the workers is for these alone, so
 * that several clients with many or slow operations do not keep the others waiting. The memory of
 * all lanes together is bounded: each may fill its share, and holds at least one operation. Any
 * thread.
 */
final class FairJobs {
  /** The operations of one client. */
  static final class Lane {
    private final Deque<FileJob> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private int running;
    private boolean listed;
    private boolean closed;
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition room = lock.newCondition();

  /** Lanes of which nothing runs. */
  private final Deque<Lane> first = new ArrayDeque<>();

  /** Lanes of which something runs. */
  private final Deque<Lane> further = new ArrayDeque<>();

  private final long bytesMax;
  private final int furtherMax;
  private int running;
  private int lanes;

  /**
   * An empty one.
   *
   * @param workers that will take; clients that have one get more up to three quarters of all.
   * @param bytesMax of the operations that wait in all lanes, beside one operation a lane.
   */
  FairJobs(int workers, long bytesMax) {
    this.furtherMax = Math.max(1, workers - (workers + 3) / 4);
    this.bytesMax = bytesMax;
  }

  Lane open() {
    lock.lock();
    try {
      lanes++;
      return new Lane();
    } finally {
      lock.unlock();
    }
  }

  /** What waits in it is still carried out. Idempotent. */
  void close(Lane lane) {
    lock.lock();
    try {
      if (!lane.closed) {
        lane.closed = true;
        lanes--;
        room.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Adds an operation, as soon as the lane has room; false when it has none in time, or is closed.
   */
  boolean offer(Lane lane, FileJob job, long timeoutNs) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = timeoutNs;
      while (!lane.closed && !hasRoom(lane, job)) {
        if (left <= 0) {
          return false;
        }
        left = room.awaitNanos(left);
      }
      if (lane.closed) {
        return false;
      }
      lane.waiting.add(job);
      lane.waitingBytes += job.bytes();
      list(lane);
      return true;
    } finally {
      lock.unlock();
    }
  }

  private boolean hasRoom(Lane lane, FileJob job) {
    return lane.waiting.isEmpty() || lane.waitingBytes + job.bytes() <= bytesMax / lanes;
  }

  private void list(Lane lane) {
    if (!lane.listed && !lane.waiting.isEmpty()) {
      lane.listed = true;
      (lane.running == 0 ? first : further).add(lane);
      if (lane.running == 0 || running < furtherMax) {
        work.signal();
      }
    }
  }

  /** The lane whose turn it is, of those that may have a worker; null for none. */
  private Lane next() {
    Lane lane = first.poll();
    return lane == null && running < furtherMax ? further.poll() : lane;
  }

  /** The next operation; null when there is none in time. {@link #done} must follow. */
  FileJob take(long timeoutNs) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = timeoutNs;
      Lane lane = next();
      while (lane == null) {
        if (left <= 0) {
          return null;
        }
        left = work.awaitNanos(left);
        lane = next();
      }
      lane.listed = false;
      FileJob job = lane.waiting.remove();
      lane.waitingBytes -= job.bytes();
      lane.running++;
      running++;
      list(lane);
      room.signalAll();
      return job;
    } finally {
      lock.unlock();
    }
  }

  /** The worker has finished an operation of the lane, and takes the next one itself. */
  void done(Lane lane) {
    lock.lock();
    try {
      lane.running--;
      running--;
      if (lane.running == 0 && lane.listed && further.remove(lane)) {
        first.add(lane);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Operations that wait, of all lanes that are ready; for tests and counters. */
  int waiting(Lane lane) {
    lock.lock();
    try {
      return lane.waiting.size();
    } finally {
      lock.unlock();
    }
  }
}
