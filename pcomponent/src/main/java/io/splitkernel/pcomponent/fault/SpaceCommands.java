package io.splitkernel.pcomponent.fault;

import io.splitkernel.ffi.Errno;
import io.splitkernel.pcomponent.excache.ExCache;
import io.splitkernel.pcomponent.excache.PageEntry;
import io.splitkernel.pcomponent.excache.PageState;
import io.splitkernel.pcomponent.space.AddressSpaceModel;

/**
 * The commands behind {@link AddressSpaces}, as the pager thread carries them out: each is
 * attempted after every turn until what it waits for is over.
 */
final class SpaceCommands {
  /** The kernel tells of a fork before the child exists, so this is more than enough. */
  private static final long CLAIM_GRACE_NS = 200_000_000L;

  private static final int ADOPT_WINDOW = 4096;

  private final PagerState state;
  private final ExCache cache;
  private final SpaceTable table;
  private final PagerLoop loop;
  private final Moves moves;

  SpaceCommands(PagerState state, SpaceTable table, PagerLoop loop) {
    this.state = state;
    this.cache = state.cache;
    this.table = table;
    this.loop = loop;
    this.moves = new Moves(state);
  }

  private Space space(int number) {
    Space space = number > 0 && number < state.spaces.length ? state.spaces[number] : null;
    if (space == null || space.ending) {
      throw new IllegalStateException("there is no address space " + number);
    }
    return space;
  }

  Command attach(int uffd, AddressSpaceAgent agent, int pid) {
    return new Command("attach(pid " + pid + ")") {
      @Override
      boolean attempt() {
        result(table.open(uffd, new AddressSpaceModel(), agent, pid, System.nanoTime()).number());
        return true;
      }
    };
  }

  /** Counts the pages that are present already as resident and dirty. */
  Command adopt(int number, long from, long end) {
    return new Command("register(space " + number + ")") {
      private long page = from;

      @Override
      boolean attempt() {
        Space space = space(number);
        if (space.isFrozen()) {
          return false;
        }
        while (page < end) {
          int count = space.pagemap.read(page, Math.min(ADOPT_WINDOW, end - page));
          if (count <= 0) {
            break;
          }
          adopt(space, page, count);
          page += count;
        }
        return true;
      }
    };
  }

  private void adopt(Space space, long page, int count) {
    for (int i = 0; i < count; i++) {
      if (space.pagemap.present(i)) {
        long entry = space.pages.table().get(page + i);
        if (PageEntry.is(entry, PageState.EMPTY)) {
          cache.makeResident(space.pages, page + i, entry, true, false);
        }
      }
    }
  }

  Command beginMove(int number, long from, long end) {
    return new Command("beginMove(space " + number + ")") {
      private boolean held;

      @Override
      boolean attempt() {
        Space space = space(number);
        if (!held) {
          space.hold(from, end);
          held = true;
        }
        return moves.isQuiet(space, from, end); // a fork under way waits for the end
      }
    };
  }

  Command endMove(int number, long from, long to, long count) {
    return new Command("endMove(space " + number + ")") {
      @Override
      boolean attempt() {
        Space space = space(number);
        if (from != to) {
          if (!moves.isQuiet(space, from, from + count)
              || !moves.isQuiet(space, to, to + count)
              || !loop.forks().finishBeforeMove(space, from)) {
            return false;
          }
          moves.move(space, from, to, count);
        }
        space.release(from);
        loop.repeats().repeat(state.held);
        return true;
      }
    };
  }

  Command claimForked(int parent, long probe, AddressSpaceAgent agent, int pid) {
    return new Command("claimForked(parent " + parent + ", pid " + pid + ")") {
      private final long bornNs = System.nanoTime();

      @Override
      boolean attempt() {
        Space child = loop.forks().find(parent, probe);
        if (child == null) {
          if (System.nanoTime() - bornNs < CLAIM_GRACE_NS) {
            return false;
          }
          result(-Errno.ESRCH); // killed at birth: its address space is gone
          return true;
        }
        if (child.isFrozen()) {
          return false;
        }
        take(child, agent, pid);
        // that it is doomed was told to the listener, which did not know its process yet
        result(child.doomed ? -Errno.ENOMEM : child.number());
        return true;
      }
    };
  }

  /** Gives an agent to a space without one. */
  Command claim(int number, AddressSpaceAgent agent, int pid) {
    return new Command("claim(space " + number + ", pid " + pid + ")") {
      @Override
      boolean attempt() {
        Space space = state.live(number);
        if (space == null) {
          result(-Errno.ESRCH);
          return true;
        }
        if (space.isFrozen()) {
          return false;
        }
        take(space, agent, pid);
        result(space.doomed ? -Errno.ENOMEM : 0);
        return true;
      }
    };
  }

  private void take(Space space, AddressSpaceAgent agent, int pid) {
    if (space.pagemap == null) {
      space.pagemap = new Pagemap(pid);
    }
    loop.forks().settle(space);
    if (!space.doomed) {
      space.agent = agent;
      space.pid = pid;
    }
  }

  /** Takes the agent from a space. */
  Command unclaim(int number) {
    return new Command("unclaim(space " + number + ")") {
      @Override
      boolean attempt() {
        Space space = state.live(number);
        if (space == null) {
          return true;
        }
        space.agent = null;
        return space.pages.evicting() == 0;
      }
    };
  }

  /**
   * Ends unclaimed children whose address space is gone; those that come later end by themselves.
   */
  Command abandonForked() {
    return new Command("abandonForked") {
      @Override
      boolean attempt() {
        loop.forks().sweep(System.nanoTime(), 0);
        return true;
      }
    };
  }

  Command detach(int number) {
    return new Command("detach(space " + number + ")") {
      private Space space;

      @Override
      boolean attempt() {
        if (space == null) {
          space = space(number);
        }
        if (space.isFrozen()) {
          return false;
        }
        space.ending = true;
        if (space.pages.evicting() > 0 || space.pages.reading() > 0 || space.pages.writing() > 0) {
          return false;
        }
        table.close(space);
        return true;
      }
    };
  }
}
