package io.splitkernel.pcomponent.fault;

import io.splitkernel.ffi.RawMemory;
import java.util.Arrays;

/**
 * One batch of pages of one space on its way out: filled by the pager thread, carried out by the
 * evictor thread, taken back by the pager thread. Ownership changes with the handover.
 */
final class EvictionTask implements AutoCloseable {
  private static final long CONTENT_BYTES =
      (long) EvictionBatch.PAGES_MAX * EvictionBatch.PAGE_BYTES;

  final long[] pages = new long[EvictionBatch.PAGES_MAX];
  final int[] frames = new int[EvictionBatch.PAGES_MAX];
  final long[] frameAddresses = new long[EvictionBatch.PAGES_MAX];
  final int[] results = new int[EvictionBatch.PAGES_MAX];
  final boolean[] zero = new boolean[EvictionBatch.PAGES_MAX];

  /** The program could write to the page without a fault before it left (or stayed). */
  final boolean[] dirtied = new boolean[EvictionBatch.PAGES_MAX];

  private final long content = RawMemory.map(CONTENT_BYTES);
  private final EvictionBatch batch = new EvictionBatch(RawMemory.segment(content, CONTENT_BYTES));

  /** Space of the pages. */
  Space space;

  /** Its agent. */
  AddressSpaceAgent agent;

  /** Pages in the task. */
  int count;

  /** Pages that took the write-protect path. */
  int writeProtected;

  /** Why nobody knows where the pages are now; null when that is known. */
  String failure;

  /** A copy of the pages, which are sorted. */
  long[] pagesSorted() {
    return Arrays.copyOf(pages, count);
  }

  /** Scratch batch of the evictor thread. */
  EvictionBatch batch() {
    return batch;
  }

  /** Address of the bytes of page {@code i} of the scratch batch. */
  long content(int i) {
    return content + (long) i * EvictionBatch.PAGE_BYTES;
  }

  @Override
  public void close() {
    RawMemory.unmap(content, CONTENT_BYTES);
  }
}
