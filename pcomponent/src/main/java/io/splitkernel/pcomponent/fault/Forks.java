package io.splitkernel.pcomponent.fault;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.Userfaultfd;
import io.splitkernel.pcomponent.excache.ExCache;
import io.splitkernel.pcomponent.excache.ForeignSlots;
import io.splitkernel.pcomponent.excache.PageEntry;
import io.splitkernel.pcomponent.excache.PageTable;
import java.util.ArrayDeque;
import java.util.Arrays;

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
  private final Evictor evictor;
  private final WriteBack writeBack;
  private final ArrayDeque<Space> children = new ArrayDeque<>();

  Forks(PagerState state, SpaceTable table, Evictor evictor, WriteBack writeBack) {
    this.state = state;
    this.cache = state.cache;
    this.table = table;
    this.evictor = evictor;
    this.writeBack = writeBack;
  }

  /** The kernel tells of a fork. */
  void onFork(Space parent, int uffd, long nowNs) {
    state.counters.increment(ProcessorCounter.FORKS);
    Space child = table.open(uffd, parent.model.copy(), null, 0, nowNs);
    child.parent = parent.number();
    if (!evictor.isIdle() && evictor.task().space == parent) {
      child.doubts = Arrays.copyOf(evictor.task().pages, evictor.task().count);
    }
    parent.freeze();
    child.freeze();
    children.add(child);
  }

  /** Copies page tables of forks that are ready, in their order; true when one was finished. */
  boolean advance() {
    boolean advanced = false;
    while (!children.isEmpty()) {
      Space child = children.peek();
      Space parent = state.spaces[child.parent];
      if (parent.isMoving() || !isReady(parent)) {
        break;
      }
      children.poll();
      finish(parent, child);
      advanced = true;
    }
    return advanced;
  }

  /**
   * Copies the page table to those children that the kernel has forked before it moved a mapping:
   * they have it at its old address.
   *
   * @param from a page of the mapping at its old address.
   * @return false when that must wait.
   */
  boolean finishBeforeMove(Space parent, long from) {
    while (!children.isEmpty()) {
      Space child = children.peek();
      if (child.parent != parent.number() || !hasMapped(child, from)) {
        return true;
      }
      if (!isReady(parent)) {
        return false;
      }
      children.poll();
      finish(parent, child);
    }
    return true;
  }

  private boolean hasMapped(Space space, long page) {
    return state.uffd.writeProtect(space.uffd, page << 12, PageTable.PAGE_BYTES, false) == 0;
  }

  private void finish(Space parent, Space child) {
    copy(parent, child);
    parent.thaw();
    child.thaw();
    settle(child);
    if (parent.doomed) {
      state.memoryLost(child, "memory lost: the parent process could not go on when it forked");
    }
  }

  /**
   * Looks where the pages of a child are that were on their way out of its parent when the kernel
   * copied: they may be in the child although they have left the parent since, or the other way
   * round when the parent's end has stopped the eviction half-way.
   */
  void settle(Space child) {
    if (child.doubts == null || child.pagemap == null) {
      return;
    }
    for (long page : child.doubts) {
      long entry = child.pages.table().get(page);
      boolean present = child.pagemap.isPresent(page);
      switch (PageEntry.state(entry)) {
        case RESIDENT -> {
          if (!present) {
            state.memoryLost(child, lostReason(page));
          }
        }
        case EMPTY, REMOTE -> {
          if (present) {
            cache.makeResident(child.pages, page, entry, true, false);
          }
        }
        case VICTIM, EVICTING, FETCHING -> {}
      }
    }
    child.doubts = null;
  }

  private static String lostReason(long page) {
    return "memory lost: page 0x"
        + Long.toHexString(page << 12)
        + " was on its way out when the agent of the parent process ended";
  }

  private boolean isReady(Space parent) {
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
