package io.splitkernel.fabric.shm;

import io.splitkernel.fabric.CompletionBatch;

/** One of the queues that feed a completion queue; used by its polling thread only. */
interface CompletionSource {
  /** Data path. Moves completions into the batch until it is full or nothing is left. */
  void drain(CompletionBatch batch);

  /** Whether {@link #drain} would find something. */
  boolean isReady();
}
