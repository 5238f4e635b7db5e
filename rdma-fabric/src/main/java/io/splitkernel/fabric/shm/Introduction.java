package io.splitkernel.fabric.shm;

import java.nio.ByteBuffer;

/**
 * What each end tells the other in HELLO and ACCEPT.
 *
 * @param regionsMax key slots of its table.
 * @param queuesMax queue words of its table.
 * @param memoriesMax memories it may have.
 * @param domain its protection domain.
 * @param remoteAccess what its end allows.
 * @param receiveDepth of its end.
 * @param queue number of its receive queue.
 */
record Introduction(
    int regionsMax,
    int queuesMax,
    int memoriesMax,
    int domain,
    int remoteAccess,
    int receiveDepth,
    int queue) {
  static final int BYTES = 7 * Integer.BYTES;
  private static final int QUEUES_MAX = 1 << 16;

  void write(ByteBuffer to) {
    to.putInt(regionsMax)
        .putInt(queuesMax)
        .putInt(memoriesMax)
        .putInt(domain)
        .putInt(remoteAccess)
        .putInt(receiveDepth)
        .putInt(queue);
  }

  /** Reads one, or null when a value is out of range. */
  static Introduction read(ByteBuffer from) {
    Introduction read =
        new Introduction(
            from.getInt(),
            from.getInt(),
            from.getInt(),
            from.getInt(),
            from.getInt(),
            from.getInt(),
            from.getInt());
    return read.isValid() ? read : null;
  }

  private boolean isValid() {
    return in(regionsMax, KeyTable.SLOTS_MAX)
        && in(queuesMax, QUEUES_MAX)
        && in(memoriesMax, KeyTable.MEMORIES_MAX)
        && in(receiveDepth, ShmFabric.QUEUE_DEPTH_MAX)
        && queue >= 0
        && queue < queuesMax;
  }

  private static boolean in(int value, int max) {
    return value >= 1 && value <= max;
  }

  long tableBytes() {
    return TableLayout.bytes(queuesMax, regionsMax);
  }
}
