package io.splitkernel.pcomponent.fault;

import io.splitkernel.ffi.Errno;
import io.splitkernel.pcomponent.excache.PageTable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The spaces that have no agent: forked children that nobody has claimed yet, and spaces whose last
 * process may be ending. Nothing tells when such an address space is gone, so the kernel is asked:
 * a few at every fork, and all now and then, less often for as long as that finds nothing. Pager
 * thread.
 */
final class Unclaimed {
  private static final long INTERVAL_MIN_NS = 10_000_000L;
  private static final long INTERVAL_MAX_NS = 1_000_000_000L;
  private static final int LOOK_MAX = 1024;

  private final PagerState state;
  private final SpaceTable table;
  private final ArrayDeque<Space> spaces = new ArrayDeque<>();
  private final List<Space> ending = new ArrayList<>();
  private long intervalNs = INTERVAL_MIN_NS;
  private long nextNs;

  Unclaimed(PagerState state, SpaceTable table) {
    this.state = state;
    this.table = table;
  }

  /** A space has no agent from now on. */
  void add(Space space, long nowNs) {
    spaces.add(space);
    intervalNs = INTERVAL_MIN_NS;
    nextNs = nowNs + intervalNs;
  }

  /** When to look at all again; {@link Long#MAX_VALUE} when there is nothing to look at. */
  long wakeNs() {
    return spaces.isEmpty() && ending.isEmpty() ? Long.MAX_VALUE : nextNs;
  }

  /** Looks when it is time. */
  void tick(long nowNs) {
    if (!ending.isEmpty()) {
      closeEnding();
    }
    if (wakeNs() <= nowNs) {
      boolean found = look(Math.min(LOOK_MAX, spaces.size()), nowNs);
      intervalNs = found ? INTERVAL_MIN_NS : Math.min(INTERVAL_MAX_NS, intervalNs * 2);
      nextNs = nowNs + intervalNs;
    }
  }

  /** Looks at some, the ones first that were not looked at for longest; whether one has ended. */
  boolean look(int most, long nowNs) {
    boolean found = false;
    for (int left = Math.min(most, spaces.size()); left > 0; left--) {
      Space space = spaces.poll();
      if (space.agent != null || state.live(space.number()) != space) {
        continue;
      }
      if (isGone(space)) {
        end(space);
        found = true;
      } else {
        spaces.add(space);
      }
    }
    return found;
  }

  /** Looks at all of them. */
  void lookAtAll(long nowNs) {
    look(spaces.size(), nowNs);
    closeEnding();
  }

  /** Whether no process lives in a space any more. */
  boolean isGone(Space space) {
    return state.uffd.writeProtect(space.uffd, Beacon.NOWHERE, PageTable.PAGE_BYTES, false)
        == -Errno.ESRCH;
  }

  /** The address space is gone: it is closed as soon as nothing of it is under way. */
  void end(Space space) {
    space.ending = true;
    table.retire(space);
    ending.add(space);
    closeEnding();
  }

  private void closeEnding() {
    for (int i = ending.size() - 1; i >= 0; i--) {
      Space space = ending.get(i);
      if (table.isClosable(space)) {
        ending.remove(i);
        long away = table.close(space);
        state.listener.onSpaceEnded(space.number(), away * PageTable.PAGE_BYTES);
      }
    }
  }
}
