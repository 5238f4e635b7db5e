package io.splitkernel.pcomponent.excache;

import io.splitkernel.ffi.RawMemory;

/**
 * The page entries of one address space: a four-level table of 512-entry nodes over 47-bit user
 * addresses, as the processor's own. The lowest node covers 2 MiB. Lookup is O(1); untouched ranges
 * cost nothing. Pager thread.
 */
public final class PageTable implements AutoCloseable {
  /** Bytes of a page. */
  public static final int PAGE_BYTES = 4096;

  /** First page number beyond the table. */
  public static final long PAGES_MAX = 1L << 35;

  /** Returned by {@link #nextPage} at the end. */
  public static final long NO_PAGE = -1;

  private static final int TOP_SHIFT = 27;
  private static final int LEVEL_BITS = 9;

  private final ChunkPool pool;
  private final long root;

  /**
   * @param pool where nodes come from.
   */
  public PageTable(ChunkPool pool) {
    this.pool = pool;
    this.root = pool.take();
  }

  private static long cell(long node, long page, int shift) {
    return node + (((page >>> shift) & 511) << 3);
  }

  /** Entry of a page; {@link PageEntry#NONE} when never set. */
  public long get(long page) {
    long node = RawMemory.getLong(cell(root, page, TOP_SHIFT));
    if (node == 0) {
      return PageEntry.NONE;
    }
    node = RawMemory.getLong(cell(node, page, 18));
    if (node == 0) {
      return PageEntry.NONE;
    }
    node = RawMemory.getLong(cell(node, page, 9));
    return node == 0 ? PageEntry.NONE : RawMemory.getLong(cell(node, page, 0));
  }

  /** Sets the entry of a page below {@link #PAGES_MAX}. */
  public void set(long page, long entry) {
    long node = root;
    for (int shift = TOP_SHIFT; shift > 0; shift -= LEVEL_BITS) {
      long cell = cell(node, page, shift);
      node = RawMemory.getLong(cell);
      if (node == 0) {
        node = pool.take();
        RawMemory.putLong(cell, node);
      }
    }
    RawMemory.putLong(cell(node, page, 0), entry);
  }

  /**
   * First page in {@code [from, end)} whose entry is not {@link PageEntry#NONE}.
   *
   * @return the page, or {@link #NO_PAGE}.
   */
  public long nextPage(long from, long end) {
    long last = Math.min(end, PAGES_MAX);
    long page = from;
    while (page < last) {
      long node = root;
      int shift = TOP_SHIFT;
      while (shift > 0) {
        node = RawMemory.getLong(cell(node, page, shift));
        if (node == 0) {
          break;
        }
        shift -= LEVEL_BITS;
      }
      if (shift > 0) {
        page = ((page >>> shift) + 1) << shift;
      } else if (RawMemory.getLong(cell(node, page, 0)) != PageEntry.NONE) {
        return page;
      } else {
        page++;
      }
    }
    return NO_PAGE;
  }

  @Override
  public void close() {
    give(root, TOP_SHIFT);
  }

  private void give(long node, int shift) {
    if (shift > 0) {
      for (int i = 0; i < 512; i++) {
        long child = RawMemory.getLong(node + ((long) i << 3));
        if (child != 0) {
          give(child, shift - LEVEL_BITS);
        }
      }
    }
    pool.give(node);
  }
}
