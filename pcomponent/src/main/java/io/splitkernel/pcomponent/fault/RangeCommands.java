package io.splitkernel.pcomponent.fault;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.Userfaultfd;
import io.splitkernel.pcomponent.excache.ExCache;
import io.splitkernel.pcomponent.excache.PageEntry;
import io.splitkernel.pcomponent.excache.PageState;
import io.splitkernel.pcomponent.excache.PageTable;

/**
 * The commands of {@link AddressSpaces} that follow a change of mappings, as the pager thread
 * carries them out. A space that has ended is no error: there is nothing left to do.
 *
 * <p>A child whose fork event was read between such a change in the kernel and the command that
 * tells of it has the change in its address space, but not in its page table. So the same is done
 * in young children that the kernel says have changed too.
 */
final class RangeCommands {
  private final PagerState state;
  private final ExCache cache;
  private final Forks forks;
  private final Messages messages;
  private final Moves moves;

  RangeCommands(PagerState state, Forks forks, Messages messages) {
    this.state = state;
    this.cache = state.cache;
    this.forks = forks;
    this.messages = messages;
    this.moves = new Moves(state);
  }

  Command hold(int number, long from, long end) {
    return new SpaceCommand("hold", state, number) {
      private boolean held;

      @Override
      boolean attempt(Space space) {
        if (!held) {
          space.holds.add(from, end);
          held = true;
        }
        return space.doubts == null && moves.isQuiet(space, from, end);
      }
    };
  }

  /** Ends a hold. */
  Command release(int number, long from, long end) {
    return new SpaceCommand("release", state, number) {
      @Override
      boolean attempt(Space space) {
        space.holds.remove(from, end);
        forks.releaseInherited(space, from, end);
        state.heldChanged = true;
        return true;
      }
    };
  }

  Command drop(int number, long from, long end) {
    return new SpaceCommand("drop", state, number) {
      @Override
      boolean attempt(Space space) {
        return space.doubts == null && messages.isSettled(space) && drop(space, from, end);
      }
    };
  }

  private boolean drop(Space space, long from, long end) {
    for (Space child : forks.youngChildren(space)) {
      long page = child.pages.table().nextPage(from, end);
      if (page != PageTable.NO_PAGE) {
        int mapped = forks.isMapped(child, page);
        if (mapped < 0 || child.isFrozen() || (mapped == 0 && !dropQuiet(child, from, end))) {
          return false;
        }
      }
    }
    return dropQuiet(space, from, end);
  }

  /** Drops what is not under way; true when that was all. */
  private boolean dropQuiet(Space space, long from, long end) {
    boolean all = true;
    PageTable pages = space.pages.table();
    long page = pages.nextPage(from, end);
    while (page != PageTable.NO_PAGE) {
      long entry = pages.get(page);
      switch (PageEntry.state(entry)) {
        case EVICTING, FETCHING -> all = false;
        case EMPTY -> {}
        case RESIDENT, VICTIM, REMOTE -> cache.makeEmpty(space.pages, page, entry);
      }
      page = pages.nextPage(page + 1, end);
    }
    space.forgetLost(from, end);
    if (space.kept != null) {
      space.kept.removeRange(from, end);
    }
    return all;
  }

  Command move(int number, long from, long to, long count) {
    return new SpaceCommand("move", state, number) {
      @Override
      boolean attempt(Space space) {
        return from == to
            || (space.doubts == null
                && messages.isSettled(space)
                && moveInChildren(space)
                && move(space));
      }

      private boolean moveInChildren(Space space) {
        for (Space child : forks.youngChildren(space)) {
          long page = child.pages.table().nextPage(from, from + count);
          int mapped = page == PageTable.NO_PAGE ? 1 : forks.isMapped(child, page);
          if (mapped < 0 || child.isFrozen() || (mapped == 0 && !moveLate(child))) {
            return false;
          }
        }
        return true;
      }

      // the child was forked after the move, perhaps before the new range was registered
      private boolean moveLate(Space child) {
        long bytes = count * PageTable.PAGE_BYTES;
        int registered =
            state.uffd.register(
                child.uffd,
                to << 12,
                bytes,
                Userfaultfd.REGISTER_MISSING | Userfaultfd.REGISTER_WP);
        return registered == 0 ? move(child) : dropQuiet(child, from, from + count);
      }

      private boolean move(Space space) {
        if (!moves.isQuiet(space, from, from + count) || !moves.isQuiet(space, to, to + count)) {
          return false;
        }
        moves.move(space, from, to, count);
        return true;
      }
    };
  }

  /** Counts the pages that are present already as resident and dirty. */
  Command adopt(int number, long from, long end) {
    return new SpaceCommand("register", state, number) {
      private static final int WINDOW = 4096;
      private long page = from;

      @Override
      boolean attempt(Space space) {
        while (page < end && space.pagemap != null) {
          int count = space.pagemap.read(page, Math.min(WINDOW, end - page));
          if (count <= 0) {
            break;
          }
          adopt(space, page, count);
          page += count;
        }
        return true;
      }

      @Override
      void ended() {
        result(-Errno.ESRCH);
      }
    };
  }

  private void adopt(Space space, long page, int count) {
    for (int i = 0; i < count; i++) {
      if (space.pagemap.present(i) && !Beacon.isOwn(page + i)) {
        long entry = space.pages.table().get(page + i);
        if (PageEntry.is(entry, PageState.EMPTY)) {
          cache.makeResident(space.pages, page + i, entry, true, false);
        }
      }
    }
  }
}
