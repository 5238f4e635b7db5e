package io.splitkernel.pcomponent.excache;

/** Where the content of a page is. */
public enum PageState {
  /** Nowhere: never written, all zero. */
  EMPTY,
  /** In the program's own memory; it has a line. */
  RESIDENT,
  /** Still in the program, handed to the evictor; it has a line, and the line a frame. */
  EVICTING,
  /** In a local frame of the victim area. */
  VICTIM,
  /** In remote memory only. */
  REMOTE,
  /** Being read from remote memory into a frame; it has a line already. */
  FETCHING;

  private static final PageState[] BY_NUMBER = values();
  private static final int[] ALLOWED = new int[BY_NUMBER.length];

  static {
    allow(EMPTY, RESIDENT, REMOTE, VICTIM);
    allow(RESIDENT, EMPTY, EVICTING);
    allow(EVICTING, EMPTY, RESIDENT, VICTIM);
    allow(VICTIM, EMPTY, RESIDENT, REMOTE);
    allow(REMOTE, EMPTY, FETCHING, RESIDENT, VICTIM);
    allow(FETCHING, EMPTY, RESIDENT, REMOTE, VICTIM);
  }

  private static void allow(PageState from, PageState... to) {
    for (PageState state : to) {
      ALLOWED[from.ordinal()] |= 1 << state.ordinal();
    }
  }

  static PageState byNumber(int number) {
    return BY_NUMBER[number];
  }

  /** Whether a page may go from this state to another; staying is always allowed. */
  public boolean mayBecome(PageState to) {
    return this == to || (ALLOWED[ordinal()] & (1 << to.ordinal())) != 0;
  }
}
