package io.splitkernel.pcomponent.fault;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A reusable batch of up to {@link #PAGES_MAX} pages of one address space on their way out. Owned
 * by one thread at a time.
 */
public final class EvictionBatch {
  /** Most pages of one batch. */
  public static final int PAGES_MAX = 64;

  /** Bytes of a page. */
  public static final int PAGE_BYTES = 4096;

  private final long[] addresses = new long[PAGES_MAX];
  private final int[] results = new int[PAGES_MAX];
  private final MemorySegment contents;
  private int count;

  /**
   * @param contents room for {@link #PAGES_MAX} pages, off-heap; page i of the batch goes to i ×
   *     4096.
   */
  public EvictionBatch(MemorySegment contents) {
    this.contents = contents.asSlice(0, (long) PAGES_MAX * PAGE_BYTES);
  }

  /** Empties the batch. */
  public void clear() {
    count = 0;
  }

  /**
   * Adds a page.
   *
   * @param address page-aligned; runs of ascending neighbours are cheapest.
   */
  public void add(long address) {
    addresses[count] = address;
    results[count] = 0;
    count++;
  }

  /** Pages in the batch. */
  public int count() {
    return count;
  }

  /** Address of page {@code i}. */
  public long address(int i) {
    return addresses[i];
  }

  /** Result of page {@code i}: 0 or {@code -errno}. */
  public int result(int i) {
    return results[i];
  }

  /** For agents: sets the result of page {@code i}. */
  public void result(int i, int value) {
    results[i] = value;
  }

  /** Bytes of all pages; page {@code i} at {@code i * PAGE_BYTES}. */
  public MemorySegment contents() {
    return contents;
  }

  /** True when page {@code i} holds only zeros. */
  public boolean isZero(int i) {
    long base = (long) i * PAGE_BYTES;
    for (long at = base; at < base + PAGE_BYTES; at += Long.BYTES) {
      if (contents.get(ValueLayout.JAVA_LONG, at) != 0) {
        return false;
      }
    }
    return true;
  }
}
