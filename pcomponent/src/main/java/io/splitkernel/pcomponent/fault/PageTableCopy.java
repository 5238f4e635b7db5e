package io.splitkernel.pcomponent.fault;

import io.splitkernel.pcomponent.excache.ExCache;
import io.splitkernel.pcomponent.excache.ForeignSlots;
import io.splitkernel.pcomponent.excache.PageEntry;
import io.splitkernel.pcomponent.excache.PageTable;
import io.splitkernel.pcomponent.space.Mapping;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The copy of a parent's page table for its forked child, made in steps, so that other spaces are
 * served meanwhile; the two are frozen. Nothing is waited for: what is resident in the parent is
 * resident in the child as well, what has been written back is referred to where it is, and what is
 * dirty in a frame gets a slot to which both refer. Pager thread.
 */
final class PageTableCopy {
  private static final int SHIFT = 12;

  private final ExCache cache;
  private final Space parent;
  private final Space child;
  private final long[] doubts;
  private final List<Mapping> staysBehind = new ArrayList<>();
  private int next;
  private long page;

  PageTableCopy(ExCache cache, Space parent, Space child) {
    this.cache = cache;
    this.parent = parent;
    this.child = child;
    this.doubts = child.doubts;
    parent.model.forEachNotInherited(staysBehind::add);
    this.page = parent.pages.table().nextPage(0, PageTable.PAGES_MAX);
  }

  Space parent() {
    return parent;
  }

  Space child() {
    return child;
  }

  /** Whether all pages are copied. */
  boolean isDone() {
    return page == PageTable.NO_PAGE;
  }

  /**
   * Copies some pages.
   *
   * @return how many.
   */
  int step(int most) {
    PageTable from = parent.pages.table();
    int count = 0;
    while (page != PageTable.NO_PAGE && count < most) {
      if (isInherited() && (doubts == null || Arrays.binarySearch(doubts, page) < 0)) {
        copy(from.get(page));
      }
      count++;
      page = from.nextPage(page + 1, PageTable.PAGES_MAX);
    }
    return count;
  }

  /** Pages are copied in ascending order, and the ranges that stay behind are in that order too. */
  private boolean isInherited() {
    while (next < staysBehind.size() && page >= staysBehind.get(next).end() >>> SHIFT) {
      next++;
    }
    return next == staysBehind.size() || page < staysBehind.get(next).start() >>> SHIFT;
  }

  private void copy(long entry) {
    switch (PageEntry.state(entry)) {
      case EMPTY -> {}
      case RESIDENT -> cache.makeCopy(child.pages, page, PageEntry.line(entry));
      case VICTIM -> cache.makeRemote(child.pages, page, cache.shares().refer(parent.pages, page));
      // what is being read is where it was, until it has been installed
      case REMOTE, FETCHING -> cache.makeRemote(child.pages, page, refer(entry));
      case EVICTING ->
          throw new AssertionError("page 0x" + Long.toHexString(page << 12) + " is no doubt");
    }
  }

  private int refer(long entry) {
    int record = PageEntry.foreign(entry);
    if (record == ForeignSlots.NONE) {
      return cache.slots().share(parent.pages, page);
    }
    cache.foreign().referAgain(record);
    return record;
  }
}
