package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import java.util.function.LongSupplier;

/**
 * Whether memory may be locked. What is locked never leaves this machine, so it is bounded by a
 * share of the cache; the program's own limit is the kernel's affair, and is looked at here only to
 * leave a call alone that the kernel will refuse.
 */
final class LockLimits {
  private final ProgramFacts facts;
  private final long lockedBytesMax;
  private final LongSupplier lockedBytes;

  /**
   * @param lockedBytesMax what all address spaces together may lock.
   * @param lockedBytes what they have locked.
   */
  LockLimits(ProgramFacts facts, long lockedBytesMax, LongSupplier lockedBytes) {
    this.facts = facts;
    this.lockedBytesMax = lockedBytesMax;
    this.lockedBytes = lockedBytes;
  }

  /** Whether so many bytes more fit into the share of the cache. */
  boolean fits(long bytes) {
    return bytes <= lockedBytesMax - lockedBytes.getAsLong();
  }

  /** What the kernel says to a thread that wants to lock more: 0, -EPERM or -ENOMEM. */
  long kernelSays(int tid, long bytes) {
    long limit = facts.lockLimitBytes(tid);
    if (limit == Long.MAX_VALUE) {
      return 0;
    }
    if (limit == 0) {
      return -Errno.EPERM;
    }
    return bytes > limit - facts.lockedBytes(tid) ? -Errno.ENOMEM : 0;
  }
}
