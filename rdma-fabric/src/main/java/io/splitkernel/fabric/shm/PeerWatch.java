package io.splitkernel.fabric.shm;

import java.util.concurrent.locks.LockSupport;

/** Waiting for a peer that is inside a copy on our memory. Control path. */
final class PeerWatch {
  private static final int SPINS = 1000;
  private static final long PARK_NS = 20_000L;

  private PeerWatch() {}

  /**
   * Waits until the peer's running operation has ended, unless it is on another key; the peer being
   * dead ends it too.
   *
   * @param key that was revoked, 0 for any.
   * @return false when the time has passed first.
   */
  static boolean awaitIdle(ConnectionMemory memory, ConnectionLife life, int key, long deadlineNs) {
    long seen = memory.peerOperation();
    if ((seen & 1) == 0) {
      return true;
    }
    int used = memory.peerOperationKey();
    if (key != 0 && used != 0 && used != key && memory.peerOperation() == seen) {
      return true;
    }
    int spins = 0;
    while (memory.peerOperation() == seen && !life.isPeerGone()) {
      if (System.nanoTime() - deadlineNs > 0) {
        return false;
      }
      if (spins++ < SPINS) {
        Thread.onSpinWait();
      } else {
        if (life.isPeerGoneNow()) {
          return true;
        }
        LockSupport.parkNanos(PARK_NS);
      }
    }
    return true;
  }
}
