package io.splitkernel.scomponent.store;

import static io.splitkernel.scomponent.store.CheckedLayout.BLOCK;
import static io.splitkernel.scomponent.store.CheckedLayout.blocks;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What the files of a volume count against its quota: their lengths in whole blocks. Any thread.
 */
final class Charge {
  private final long quotaBytes;
  private final AtomicLong used = new AtomicLong();

  Charge(long quotaBytes, long usedBytes) {
    this.quotaBytes = quotaBytes;
    used.set(usedBytes);
  }

  static long of(long sizeBytes) {
    return blocks(sizeBytes) * BLOCK;
  }

  long quotaBytes() {
    return quotaBytes;
  }

  long usedBytes() {
    return used.get();
  }

  /** A file's length is about to change; false when that is too much. */
  boolean change(long fromBytes, long toBytes) {
    long more = of(toBytes) - of(fromBytes);
    if (used.addAndGet(more) > quotaBytes && quotaBytes > 0 && more > 0) {
      used.addAndGet(-more);
      return false;
    }
    return true;
  }
}
