package io.splitkernel.pcomponent.fault;

import io.splitkernel.pcomponent.excache.SpacePages;
import io.splitkernel.pcomponent.excache.Streams;
import io.splitkernel.pcomponent.space.AddressSpaceModel;
import java.util.Arrays;

/**
 * One address space as the pager sees it. Fields belong to the pager thread, except where a final
 * one is used by a control thread.
 */
final class Space {
  final SpacePages pages;
  final Streams streams = new Streams();
  final int uffd;

  /** Its mappings. */
  final AddressSpaceModel model;

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

  private long[] heldFrom = new long[4];
  private long[] heldEnd = new long[4];
  private int held;
  private int freezes;

  Space(
      SpacePages pages,
      int uffd,
      AddressSpaceModel model,
      AddressSpaceAgent agent,
      int pid,
      long bornNs) {
    this.model = model;
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

  /** Holds a range of pages; holds may overlap. */
  void hold(long from, long end) {
    if (held == heldFrom.length) {
      heldFrom = Arrays.copyOf(heldFrom, held * 2);
      heldEnd = Arrays.copyOf(heldEnd, held * 2);
    }
    heldFrom[held] = from;
    heldEnd[held] = end;
    held++;
  }

  /** Ends one {@link #hold} of a range. */
  void release(long from, long end) {
    for (int i = 0; i < held; i++) {
      if (heldFrom[i] == from && heldEnd[i] == end) {
        held--;
        heldFrom[i] = heldFrom[held];
        heldEnd[i] = heldEnd[held];
        return;
      }
    }
  }

  /** Ends one {@link #hold} of the range that starts at a page. */
  void release(long from) {
    for (int i = 0; i < held; i++) {
      if (heldFrom[i] == from) {
        release(from, heldEnd[i]);
        return;
      }
    }
  }
}
