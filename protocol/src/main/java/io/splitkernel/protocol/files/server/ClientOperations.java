package io.splitkernel.protocol.files.server;

import java.util.concurrent.TimeUnit;

/**
 * The operations of one client that run, over all its connections: an operation of an earlier
 * connection must not end behind one of a later. Any thread.
 */
final class ClientOperations {
  private FileSession current;
  private int sessions;
  private int running;

  /** A connection of the client has come; the one before, if any, is to be ended. */
  synchronized FileSession enter(FileSession session) {
    FileSession earlier = current;
    current = session;
    sessions++;
    notifyAll();
    return earlier;
  }

  /** A connection has ended; its operations may still run. */
  synchronized void leave(FileSession session) {
    sessions--;
    if (current == session) {
      current = null;
    }
    notifyAll();
  }

  /** Whether nothing refers to it. */
  synchronized boolean isUnused() {
    return sessions == 0 && running == 0;
  }

  /** An operation comes; false when a later connection has taken over. */
  synchronized boolean begin(FileSession session) {
    if (current != session) {
      return false;
    }
    running++;
    return true;
  }

  /** An operation that had begun is over, whatever became of it. */
  synchronized void done() {
    running--;
    notifyAll();
  }

  /** The connection that the client uses now; null for none. */
  synchronized FileSession current() {
    return current;
  }

  /**
   * Waits until no operation runs. Before {@code session}'s own first one that means: until those
   * of every earlier connection have ended.
   *
   * @return false when they do not in time, or when a later connection has come meanwhile.
   */
  synchronized boolean awaitIdle(FileSession session, long timeoutNs) {
    long deadline = System.nanoTime() + timeoutNs;
    try {
      while (running > 0 && current == session) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
      return current == session;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
