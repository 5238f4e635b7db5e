package io.splitkernel.pcomponent.fault;

import io.splitkernel.pcomponent.excache.ExCache;
import io.splitkernel.pcomponent.excache.ForeignSlots;
import io.splitkernel.pcomponent.excache.Frames;
import io.splitkernel.pcomponent.excache.PageEntry;
import io.splitkernel.pcomponent.excache.PageTable;

/**
 * Carries page state to another address of the same space after mremap. Nothing is copied: local
 * pages are tagged anew, remote ones refer to the slot of their old address until they are written
 * back at the new one. Pager thread.
 */
final class Moves {
  private final ExCache cache;

  Moves(PagerState state) {
    this.cache = state.cache;
  }

  /** True when nothing of a held range is under way. */
  boolean isQuiet(Space space, long from, long end) {
    PageTable table = space.pages.table();
    long page = table.nextPage(from, end);
    while (page != PageTable.NO_PAGE) {
      long entry = table.get(page);
      switch (PageEntry.state(entry)) {
        case EVICTING, FETCHING -> {
          return false;
        }
        case VICTIM -> {
          if (cache.frames().use(PageEntry.line(entry)) == Frames.Use.WRITING) {
            return false;
          }
        }
        case EMPTY, RESIDENT, REMOTE -> {}
      }
      page = table.nextPage(page + 1, end);
    }
    return true;
  }

  /** Moves the state of {@code count} pages; both ranges are quiet. */
  void move(Space space, long from, long to, long count) {
    boolean upwards = to > from;
    PageTable table = space.pages.table();
    if (!upwards || to >= from + count) {
      long page = table.nextPage(from, from + count);
      while (page != PageTable.NO_PAGE) {
        moveOne(space, page, page - from + to);
        page = table.nextPage(page + 1, from + count);
      }
    } else {
      for (long i = count - 1; i >= 0; i--) {
        moveOne(space, from + i, to + i);
      }
    }
  }

  private void moveOne(Space space, long from, long to) {
    PageTable table = space.pages.table();
    cache.makeEmpty(space.pages, to, table.get(to));
    if (space.kept != null && space.kept.contains(from)) {
      space.kept.removeRange(from, from + 1);
      space.kept.add(to);
    }
    long entry = table.get(from);
    switch (PageEntry.state(entry)) {
      case EMPTY -> {}
      case RESIDENT -> {
        cache.moveResident(space.pages, from, to);
      }
      case VICTIM -> cache.moveVictim(space.pages, from, to);
      case REMOTE -> {
        int record = PageEntry.foreign(entry);
        if (record == ForeignSlots.NONE) {
          record = cache.slots().share(space.pages, from);
        } else {
          cache.foreign().referAgain(record);
        }
        cache.makeEmpty(space.pages, from, table.get(from));
        cache.makeRemote(space.pages, to, record);
      }
      case EVICTING, FETCHING ->
          throw new AssertionError("move of page 0x" + Long.toHexString(from << 12) + " under way");
    }
  }
}
