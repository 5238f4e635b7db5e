package io.splitkernel.pcomponent.fault;

import io.splitkernel.pcomponent.excache.ExCache;
import io.splitkernel.pcomponent.excache.PageEntry;
import io.splitkernel.pcomponent.excache.PageTable;

/**
 * The commands of {@link AddressSpaces} on ranges of pages, as the pager thread carries them out. A
 * space that has ended is no error: there is nothing left to do.
 */
final class RangeCommands {
  private final PagerState state;
  private final ExCache cache;
  private final PagerLoop loop;
  private final Moves moves;

  RangeCommands(PagerState state, PagerLoop loop) {
    this.state = state;
    this.cache = state.cache;
    this.loop = loop;
    this.moves = new Moves(state);
  }

  /** A command on a space; done when it has ended. */
  private abstract class InSpace extends Command {
    private final int number;
    private Space space;

    InSpace(String what, int number) {
      super(what + "(space " + number + ")");
      this.number = number;
    }

    @Override
    boolean attempt() {
      if (space == null) {
        space = state.live(number);
      }
      if (space == null || space != state.live(number)) {
        ended();
        return true;
      }
      return !space.isFrozen() && attempt(space);
    }

    abstract boolean attempt(Space space);

    /** The space has ended. */
    void ended() {}
  }

  Command hold(int number, long from, long end) {
    return new InSpace("hold", number) {
      private boolean held;

      @Override
      boolean attempt(Space space) {
        if (!held) {
          space.hold(from, end);
          held = true;
        }
        return moves.isQuiet(space, from, end);
      }
    };
  }

  Command release(int number, long from, long end) {
    return new InSpace("release", number) {
      @Override
      boolean attempt(Space space) {
        space.release(from, end);
        loop.repeats().repeat(state.held);
        return true;
      }
    };
  }

  Command drop(int number, long from, long end) {
    return new InSpace("drop", number) {
      @Override
      boolean attempt(Space space) {
        return dropQuiet(space, from, end);
      }
    };
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
    return all;
  }

  Command move(int number, long from, long to, long count) {
    return new InSpace("move", number) {
      @Override
      boolean attempt(Space space) {
        if (from != to) {
          if (!moves.isQuiet(space, from, from + count) || !moves.isQuiet(space, to, to + count)) {
            return false;
          }
          moves.move(space, from, to, count);
        }
        return true;
      }
    };
  }
}
