package io.splitkernel.pcomponent.fault;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.Userfaultfd;
import io.splitkernel.pcomponent.excache.ExCache;
import io.splitkernel.pcomponent.excache.ForeignSlots;
import io.splitkernel.pcomponent.excache.PageEntry;
import io.splitkernel.pcomponent.excache.PageTable;
import java.util.ArrayDeque;

/**
 * Forked address spaces. The kernel's event names the child's userfaultfd; until the child has its
 * copy of the page table both spaces are frozen. Before the copy the parent's evictions and reads
 * end and its dirty victims are written back, so that everything which is not resident is in remote
 * slots, and the child can refer to them. Resident pages are resident in the child too; eviction
 * brings the cache back to its bound afterwards. Pager thread.
 */
final class Forks {
  private final PagerState state;
  private final ExCache cache;
  private final SpaceTable table;
  private final ArrayDeque<Space> children = new ArrayDeque<>();

  Forks(PagerState state, SpaceTable table) {
    this.state = state;
    this.cache = state.cache;
    this.table = table;
  }

  /** The kernel tells of a fork. */
  void onFork(Space parent, int uffd, long nowNs) {
    state.counters.increment(ProcessorCounter.FORKS);
    Space child = table.open(uffd, null, 0, nowNs);
    child.parent = parent.number();
    parent.freeze();
    child.freeze();
    children.add(child);
  }

  /** Copies page tables of forks that are ready, in their order; true when one was finished. */
  boolean advance(WriteBack writeBack) {
    boolean advanced = false;
    while (!children.isEmpty()) {
      Space child = children.peek();
      Space parent = state.spaces[child.parent];
      if (!isReady(parent, writeBack)) {
        break;
      }
      children.poll();
      copy(parent, child);
      parent.thaw();
      child.thaw();
      child.doomed |= parent.doomed;
      advanced = true;
    }
    return advanced;
  }

  private boolean isReady(Space parent, WriteBack writeBack) {
    if (parent.pages.evicting() > 0 || parent.pages.reading() > 0) {
      return false;
    }
    return parent.doomed || writeBack.flush(parent.number());
  }

  private void copy(Space parent, Space child) {
    PageTable from = parent.pages.table();
    long page = from.nextPage(0, PageTable.PAGES_MAX);
    while (page != PageTable.NO_PAGE) {
      copy(parent, child, page, from.get(page));
      page = from.nextPage(page + 1, PageTable.PAGES_MAX);
    }
  }

  private void copy(Space parent, Space child, long page, long entry) {
    switch (PageEntry.state(entry)) {
      case EMPTY -> {}
      case RESIDENT -> cache.makeResident(child.pages, page, PageEntry.NONE, true, false);
      case VICTIM, REMOTE -> {
        int record = PageEntry.foreign(entry);
        if (record == ForeignSlots.NONE) {
          record = cache.share(parent.pages, page);
        } else {
          cache.foreign().referAgain(record);
        }
        cache.makeRemote(child.pages, page, record);
      }
      case EVICTING, FETCHING ->
          throw new AssertionError("fork of space " + parent.number() + " with pages under way");
    }
  }

  /**
   * Finds the unclaimed child in whose space a page is mapped.
   *
   * @return the child, or null when its event has not come yet.
   */
  Space find(int parent, long probe) {
    for (Space space : state.spaces) {
      if (space != null && space.parent == parent && space.agent == null && !space.ending) {
        int result =
            state.uffd.register(
                space.uffd, probe, PageTable.PAGE_BYTES, Userfaultfd.REGISTER_MISSING);
        if (result == 0) {
          state.uffd.unregister(space.uffd, probe, PageTable.PAGE_BYTES);
          return space;
        }
      }
    }
    return null;
  }

  /** Ends children that nobody claimed and whose process is gone. */
  void sweep(long nowNs, long graceNs) {
    for (Space space : state.spaces) {
      if (space != null
          && space.agent == null
          && !space.isFrozen()
          && nowNs - space.bornNs > graceNs
          && isGone(space)) {
        space.ending = true;
        if (space.pages.reading() == 0 && space.pages.writing() == 0) {
          table.close(space);
        }
      }
    }
  }

  private boolean isGone(Space space) {
    return state.uffd.writeProtect(space.uffd, 0, PageTable.PAGE_BYTES, false) == -Errno.ESRCH;
  }
}
