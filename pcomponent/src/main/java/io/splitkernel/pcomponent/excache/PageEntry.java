package io.splitkernel.pcomponent.excache;

/**
 * The 8-byte word of one page: state (bits 0-2), flags (3-9), line or frame number (10-36), number
 * of a foreign slot (37-63). The word 0 is an untouched page. Pure functions.
 */
public final class PageEntry {
  /** An untouched page. */
  public static final long NONE = 0;

  /** The content is newer than its remote slot, or it has none. */
  public static final long DIRTY = 1L << 3;

  /** The page's own remote slot holds its content, unless DIRTY or a foreign slot is named. */
  public static final long SLOT = 1L << 4;

  /** The page's own remote slot is referred to by other pages: rescue before overwriting it. */
  public static final long SHARED = 1L << 5;

  /** Installed by read-ahead and not asked for by a fault of its own. */
  public static final long AHEAD = 1L << 6;

  /** Largest line or frame number. */
  public static final int LINE_MAX = (1 << 27) - 1;

  /** Largest foreign slot number; 0 means none. */
  public static final int FOREIGN_MAX = (1 << 27) - 1;

  /**
   * A forked child's own of a page that was resident in its parent at the fork, for as long as it
   * has not been evicted: the kernel shares the memory of both until one writes to it.
   */
  public static final long COPY = 1L << 7;

  private static final long FLAGS = 0x7FL << 3;
  private static final int LINE_SHIFT = 10;
  private static final int FOREIGN_SHIFT = 37;

  private PageEntry() {}

  /** State of the page. */
  public static PageState state(long entry) {
    return PageState.byNumber((int) (entry & 7));
  }

  /** Whether the page is in a state. */
  public static boolean is(long entry, PageState state) {
    return (entry & 7) == state.ordinal();
  }

  /** Whether a flag is set. */
  public static boolean has(long entry, long flag) {
    return (entry & flag) != 0;
  }

  /** Line number (RESIDENT, EVICTING, FETCHING) or frame number (VICTIM). */
  public static int line(long entry) {
    return (int) (entry >>> LINE_SHIFT) & LINE_MAX;
  }

  /** Foreign slot that holds the content, or 0. */
  public static int foreign(long entry) {
    return (int) (entry >>> FOREIGN_SHIFT);
  }

  /** The same flags and foreign slot in another state with another line. */
  public static long with(long entry, PageState state, int line) {
    return (entry & ~(7L | ((long) LINE_MAX << LINE_SHIFT)))
        | state.ordinal()
        | ((long) line << LINE_SHIFT);
  }

  /** The same entry with another foreign slot. */
  public static long withForeign(long entry, int foreign) {
    return (entry & ((1L << FOREIGN_SHIFT) - 1)) | ((long) foreign << FOREIGN_SHIFT);
  }

  /** What is left of an entry whose content is gone: only that others refer to its slot. */
  public static long emptied(long entry) {
    return entry & SHARED;
  }

  /** All flags of an entry. */
  public static long flags(long entry) {
    return entry & FLAGS;
  }
}
