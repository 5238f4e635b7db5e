package io.splitkernel.mcomponent.filecache;

import io.splitkernel.protocol.files.Volume;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/**
 * Buffers for transfers with the upstream volume, in the cache's own memory. Whoever has one takes
 * no other and no file's {@code io}. Any thread.
 */
final class TransferBuffers {
  /** A longest transfer whose ends lie within blocks. */
  static final int BYTES = Volume.TRANSFER_BYTES_MAX + (1 << 16);

  private final ArrayDeque<MemorySegment> free = new ArrayDeque<>();
  private final long waitNs;

  TransferBuffers(MemorySegment memory, int count, long waitNs) {
    this.waitNs = waitNs;
    for (int i = 0; i < count; i++) {
      free.add(memory.asSlice((long) i * BYTES, BYTES));
    }
  }

  /** Takes one; null when there is none in time. */
  synchronized MemorySegment take() {
    long deadlineNs = System.nanoTime() + waitNs;
    while (free.isEmpty()) {
      long leftNs = deadlineNs - System.nanoTime();
      if (leftNs <= 0) {
        return null;
      }
      try {
        wait(leftNs / 1_000_000, (int) (leftNs % 1_000_000));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return null;
      }
    }
    return free.pop();
  }

  synchronized void give(MemorySegment buffer) {
    free.push(buffer);
    notifyAll();
  }
}
