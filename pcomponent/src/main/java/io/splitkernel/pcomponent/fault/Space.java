package io.splitkernel.pcomponent.fault;

import io.splitkernel.pcomponent.excache.PageSet;
import io.splitkernel.pcomponent.excache.SpacePages;
import io.splitkernel.pcomponent.excache.Streams;
import io.splitkernel.pcomponent.space.AddressSpaceModel;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

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

  /** Its agent; null while nobody has claimed it. */
  AddressSpaceAgent agent;

  /** Its pagemap; null until it is claimed for the first time. */
  Pagemap pagemap;

  int pid;

  /** The space that it was forked from, or null. */
  Space parent;

  /** When it was made. */
  final long bornNs;

  /** When the listener was told last that an agent is wanted. */
  long wantedNs;

  /** It has ended, or is being detached. */
  boolean ending;

  /** Its program is to be killed: reported once, and not served any more. */
  boolean doomed;

  /**
   * Pages that were on their way out of an ancestor at the fork, and are not settled here; sorted,
   * or null. They are held.
   */
  long[] doubts;

  /** Those of them whose eviction failed, so that only the pagemap tells; sorted, or null. */
  long[] lost;

  /** Pages that never leave, or null. */
  PageSet kept;

  /** Ranges that are held. */
  final Holds holds = new Holds();

  /** What its ancestor {@link #heldBy} held at the fork, and holds still; or null. */
  Holds inherited;

  /** Whose holds are inherited, or null. */
  Space heldBy;

  private long pinnedFrom;
  private long pinnedEnd;
  private int freezes;

  /** Control threads that use the descriptor now; -1 when nobody may any more. */
  private final AtomicInteger users = new AtomicInteger();

  Space(
      SpacePages pages,
      int uffd,
      AddressSpaceModel model,
      AddressSpaceAgent agent,
      int pid,
      long bornNs) {
    this.pages = pages;
    this.uffd = uffd;
    this.model = model;
    this.agent = agent;
    this.pid = pid;
    this.bornNs = bornNs;
    this.wantedNs = bornNs - 1_000_000_000L;
    this.pagemap = agent == null ? null : new Pagemap(pid);
  }

  int number() {
    return pages.number();
  }

  /** Any thread: begins to use the descriptor; false when the space has ended. */
  boolean enter() {
    int before = users.get();
    while (before >= 0 && !users.compareAndSet(before, before + 1)) {
      before = users.get();
    }
    return before >= 0;
  }

  /** Any thread: ends {@link #enter}. */
  void leave() {
    users.decrementAndGet();
  }

  /** Lets nobody use the descriptor any more; false when somebody does. */
  boolean shut() {
    return users.compareAndSet(0, -1) || users.get() < 0;
  }

  /** What a forked child takes over beside pages and mappings. */
  void inherit(Space from) {
    parent = from;
    doubts = from.doubts == null ? null : from.doubts.clone();
    lost = from.lost == null ? null : from.lost.clone();
    kept = from.kept == null ? null : new PageSet(from.kept);
    if (!from.holds.isEmpty()) {
      inherited = new Holds(from.holds);
      heldBy = from;
    } else if (from.inherited != null) {
      inherited = new Holds(from.inherited);
      heldBy = from.heldBy;
    }
  }

  /** The ancestor's holds are over. */
  void disinherit() {
    inherited = null;
    heldBy = null;
  }

  /** No fault is served and nothing evicted until {@link #thaw}; counts. */
  void freeze() {
    freezes++;
  }

  /** Ends one {@link #freeze}. */
  void thaw() {
    freezes--;
  }

  /** Whether it is frozen: its page table is being copied. */
  boolean isFrozen() {
    return freezes > 0;
  }

  /** Whether a page may be neither installed nor evicted now. */
  boolean isHeld(long page) {
    return freezes > 0
        || holds.covers(page)
        || (inherited != null && !heldBy.ending && inherited.covers(page))
        || (doubts != null && isDoubt(page))
        || (lost != null && Arrays.binarySearch(lost, page) >= 0);
  }

  /** Whether a page was on its way out of an ancestor at the fork, and is not settled here. */
  boolean isDoubt(long page) {
    return doubts != null && Arrays.binarySearch(doubts, page) >= 0;
  }

  /** Only the pagemap can tell of a page. */
  void addLost(long page) {
    lost = lost == null ? new long[1] : Arrays.copyOf(lost, lost.length + 1);
    lost[lost.length - 1] = page;
    Arrays.sort(lost);
  }

  /** Pages of a range are not missed any more. */
  void forgetLost(long from, long end) {
    if (lost != null) {
      lost = Arrays.stream(lost).filter(page -> page < from || page >= end).toArray();
    }
  }

  /** Whether a page is being made local: it takes a line, for a moment, even beyond the limit. */
  boolean isPinned(long page) {
    return page >= pinnedFrom && page < pinnedEnd;
  }

  /** Whether a page must not be evicted although it may be served. */
  boolean isKept(long page) {
    return isPinned(page) || (kept != null && kept.contains(page));
  }

  /** Keeps a range until {@link #unpin}; false when another one is pinned. */
  boolean pin(long from, long end) {
    if (pinnedEnd != 0) {
      return false;
    }
    pinnedFrom = from;
    pinnedEnd = end;
    return true;
  }

  /** Ends {@link #pin}. */
  void unpin() {
    pinnedFrom = 0;
    pinnedEnd = 0;
  }
}
