package io.splitkernel.pcomponent.fault;

import io.splitkernel.pcomponent.excache.SpacePages;
import io.splitkernel.pcomponent.excache.Streams;

/**
 * One address space as the pager sees it. Fields belong to the pager thread, except where a final
 * one is used by a control thread.
 */
final class Space {
  private static final int HELD_MAX = 8;

  final SpacePages pages;
  final Streams streams = new Streams();
  final int uffd;

  /** Its agent; null for a forked child that nobody has claimed. */
  AddressSpaceAgent agent;

  /** Its pagemap; null until claimed. */
  Pagemap pagemap;

  int pid;

  /** Number of the space that it was forked from, 0 when attached. */
  int parent;

  /** When it was made. */
  final long bornNs;

  /** It is being detached. */
  boolean ending;

  /** Its program is to be killed: reported once, and not served any more. */
  boolean doomed;

  /** Pages of a forked child of which only the kernel knows whether they are in it; or null. */
  long[] doubts;

  private final long[] heldFrom = new long[HELD_MAX];
  private final long[] heldEnd = new long[HELD_MAX];
  private int held;
  private int freezes;

  Space(SpacePages pages, int uffd, AddressSpaceAgent agent, int pid, long bornNs) {
    this.pages = pages;
    this.uffd = uffd;
    this.agent = agent;
    this.pid = pid;
    this.bornNs = bornNs;
    this.pagemap = agent == null ? null : new Pagemap(pid);
  }

  int number() {
    return pages.number();
  }

  /** No fault is served and nothing evicted until {@link #thaw}; counts. */
  void freeze() {
    freezes++;
  }

  /** Ends one {@link #freeze}. */
  void thaw() {
    freezes--;
  }

  /** Whether it is frozen. */
  boolean isFrozen() {
    return freezes > 0;
  }

  /** Whether a page may be neither installed nor evicted now. */
  boolean isHeld(long page) {
    if (freezes > 0) {
      return true;
    }
    for (int i = 0; i < held; i++) {
      if (page >= heldFrom[i] && page < heldEnd[i]) {
        return true;
      }
    }
    return false;
  }

  /** Whether a range is held because its mapping is being moved. */
  boolean isMoving() {
    return held > 0;
  }

  /** Holds a range of pages; false when too many are held. */
  boolean hold(long from, long end) {
    if (held == HELD_MAX) {
      return false;
    }
    heldFrom[held] = from;
    heldEnd[held] = end;
    held++;
    return true;
  }

  /** Ends {@link #hold} of the range that starts at a page. */
  void unhold(long from) {
    for (int i = 0; i < held; i++) {
      if (heldFrom[i] == from) {
        held--;
        heldFrom[i] = heldFrom[held];
        heldEnd[i] = heldEnd[held];
        return;
      }
    }
  }
}
