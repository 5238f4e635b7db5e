package io.splitkernel.pcomponent.fault;

import io.splitkernel.ffi.Errno;
import io.splitkernel.pcomponent.space.AddressSpaceModel;

/**
 * The commands of {@link AddressSpaces} for the beginning and the end of spaces, as the pager
 * thread carries them out: each is attempted after every turn until what it waits for is over.
 */
final class SpaceCommands {
  private final PagerState state;
  private final SpaceTable table;
  private final PagerLoop loop;

  SpaceCommands(PagerState state, SpaceTable table, PagerLoop loop) {
    this.state = state;
    this.table = table;
    this.loop = loop;
  }

  Command attach(int uffd, AddressSpaceAgent agent, int pid) {
    return new Command("attach(pid " + pid + ")") {
      @Override
      boolean attempt() {
        Space space = table.open(uffd, new AddressSpaceModel(), agent, pid, System.nanoTime());
        loop.beacon().install(space);
        result(space.number());
        return true;
      }
    };
  }

  /** Installs the beacon, whose range has just been registered. */
  Command beacon(int number) {
    return new SpaceCommand("beacon", state, number) {
      @Override
      boolean attempt(Space space) {
        loop.beacon().install(space);
        return true;
      }
    };
  }

  Command claim(int number, AddressSpaceAgent agent, int pid) {
    return new SpaceCommand("claim", state, number) {
      @Override
      boolean attempt(Space space) {
        if (loop.unclaimed().isGone(space)) {
          if (space.agent == null) {
            loop.unclaimed().end(space);
          }
          ended();
        } else if (space.doubts != null) {
          return false;
        } else {
          take(space, agent, pid);
          result(space.doomed ? -Errno.ENOMEM : 0);
        }
        return true;
      }

      @Override
      void ended() {
        result(-Errno.ESRCH);
      }
    };
  }

  private void take(Space space, AddressSpaceAgent agent, int pid) {
    if (space.pagemap == null) {
      space.pagemap = new Pagemap(pid);
    }
    loop.forks().settleLost(space);
    if (!space.doomed) {
      space.agent = agent;
      space.pid = pid;
      loop.eviction().retry();
    }
  }

  /** Over only when the evictor has let go of the agent, also where the space ends meanwhile. */
  Command unclaim(int number) {
    return new Command("unclaim(space " + number + ")") {
      private Space space;

      @Override
      boolean attempt() {
        space = space == null ? state.known(number) : space;
        if (space == null) {
          return true;
        }
        if (space.isFrozen()) {
          return false;
        }
        if (space.agent != null) {
          space.agent = null;
          if (!space.ending) {
            loop.unclaimed().add(space, System.nanoTime());
          }
        }
        return space.pages.evicting() == 0;
      }
    };
  }

  /** Ends spaces whose address space is gone until none is left. */
  Command settle() {
    return new Command("settle") {
      @Override
      boolean attempt() {
        loop.unclaimed().lookAtAll(System.nanoTime());
        return table.alive() == 0;
      }
    };
  }

  Command detach(int number) {
    return new Command("detach(space " + number + ")") {
      private Space space;

      @Override
      boolean attempt() {
        space = space == null ? state.live(number) : space;
        if (space == null) {
          return true;
        }
        if (space.isFrozen()) {
          return false;
        }
        space.ending = true;
        table.retire(space);
        if (table.isClosable(space)) {
          table.close(space);
          return true;
        }
        return false;
      }
    };
  }
}
