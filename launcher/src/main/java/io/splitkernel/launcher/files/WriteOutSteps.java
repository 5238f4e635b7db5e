package io.splitkernel.launcher.files;

import java.util.concurrent.atomic.AtomicLong;

/**
 * When a copy has the device begin with what was written, instead of leaving all of it to the sync
 * at the end. Any thread.
 */
final class WriteOutSteps {
  /** Few enough calls, and little left for the end. */
  static final long STEP_BYTES = 16L << 20;

  private final AtomicLong bytes = new AtomicLong();

  /** So much more was written; whether that completes a step. */
  boolean completedBy(long more) {
    long before = bytes.getAndAdd(more);
    return before / STEP_BYTES != (before + more) / STEP_BYTES;
  }
}
