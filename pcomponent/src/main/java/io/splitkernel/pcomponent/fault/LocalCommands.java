package io.splitkernel.pcomponent.fault;

import io.splitkernel.ffi.Errno;
import io.splitkernel.pcomponent.excache.ExCache;
import io.splitkernel.pcomponent.excache.PageEntry;
import io.splitkernel.pcomponent.excache.PageSet;
import io.splitkernel.pcomponent.excache.PageState;
import io.splitkernel.pcomponent.excache.PageTable;

/**
 * The commands of {@link AddressSpaces} that bring pages into a program for good. A page that is
 * away is asked for as a fault that nobody waits for. Pager thread.
 */
final class LocalCommands {
  /** Pages that are asked for at a time. */
  private static final int ASKED_MAX = 16;

  private static final int SLICE_MAX = 256;

  private final PagerState state;
  private final ExCache cache;
  private final FaultServer server;
  private final Messages messages;
  private final int slice;

  LocalCommands(PagerState state, FaultServer server, Messages messages) {
    this.state = state;
    this.cache = state.cache;
    this.server = server;
    this.messages = messages;
    this.slice = Math.max(1, Math.min(SLICE_MAX, cache.lines().limit() / 4));
  }

  /** Asks for the pages of a range that are away, each once. */
  private final class Arrivals {
    private final long from;
    private final long end;
    private final int kind;
    private long notAsked;

    Arrivals(long from, long end, int kind) {
      this.from = from;
      this.end = end;
      this.kind = kind | FaultServer.FAULT | FaultServer.ALONE;
      this.notAsked = from;
    }

    /** True when all pages are in the program, but for those that never were anywhere. */
    boolean areComplete(Space space) {
      PageTable table = space.pages.table();
      int away = 0;
      long page = table.nextPage(from, end);
      while (page != PageTable.NO_PAGE && away < ASKED_MAX) {
        if (page >= notAsked && isAway(table.get(page))) {
          server.serve(space, page, kind, System.nanoTime());
          notAsked = page + 1;
        }
        if (isAway(table.get(page))) {
          away++;
        }
        page = table.nextPage(page + 1, end);
      }
      return away == 0;
    }

    private boolean isAway(long entry) {
      return !PageEntry.is(entry, PageState.RESIDENT) && !PageEntry.is(entry, PageState.EMPTY);
    }
  }

  Command keep(int number, long from, long end) {
    return new SpaceCommand("keep", state, number) {
      private Arrivals arrivals;

      @Override
      boolean attempt(Space space) {
        if (arrivals == null) {
          space.kept = space.kept == null ? new PageSet() : space.kept;
          for (long page = from; page < end; page++) {
            space.kept.add(page);
          }
          arrivals = new Arrivals(from, end, FaultServer.WRITE);
        }
        if (!space.doomed && !arrivals.areComplete(space)) {
          return false;
        }
        makeWritable(space);
        return true;
      }

      // the kernel waits for no protection to be lifted when a thread ends
      private void makeWritable(Space space) {
        for (long page = from; page < end && !space.doomed; page++) {
          long entry = space.pages.table().get(page);
          if (PageEntry.is(entry, PageState.EMPTY) || !PageEntry.has(entry, PageEntry.DIRTY)) {
            int missing = PageEntry.is(entry, PageState.EMPTY) ? 0 : FaultServer.PROTECTED;
            int kind = FaultServer.FAULT | FaultServer.ALONE | FaultServer.WRITE | missing;
            server.serve(space, page, kind, System.nanoTime());
          }
        }
      }
    };
  }

  /**
   * Makes a range local, a slice after the other: pages of a slice are not evicted until it is
   * unregistered, and free their lines then. A fork that begins between the last look and the end
   * of the registration leaves a child with all pages of the slice, which needs to know of none.
   */
  Command localize(int number, long from, long end) {
    return new SpaceCommand("localize", state, number) {
      private long next = from;
      private long sliceEnd;
      private Arrivals arrivals;

      @Override
      boolean attempt(Space space) {
        while (next < end) {
          if (space.doomed) {
            unpin(space);
            result(-Errno.ENOMEM);
            return true;
          }
          if (arrivals == null && !begin(space)) {
            return false;
          }
          if (!arrivals.areComplete(space) || !messages.isSettled(space)) {
            return false;
          }
          int answer = unregister(space);
          if (answer != 0) {
            result(answer);
            return true;
          }
        }
        return true;
      }

      private boolean begin(Space space) {
        sliceEnd = endOfSlice(space);
        if (!space.pin(next, sliceEnd)) {
          return false;
        }
        arrivals = new Arrivals(next, sliceEnd, 0);
        return true;
      }

      // so many pages that are known, however far apart: a range may be reserved terabytes
      private long endOfSlice(Space space) {
        long page = next - 1;
        for (int i = 0; i < slice; i++) {
          page = space.pages.table().nextPage(page + 1, end);
          if (page == PageTable.NO_PAGE) {
            return end;
          }
        }
        return page + 1;
      }

      private void unpin(Space space) {
        if (arrivals != null) {
          space.unpin();
        }
      }

      private int unregister(Space space) {
        long bytes = (sliceEnd - next) * PageTable.PAGE_BYTES;
        int answer = state.uffd.unregister(space.uffd, next << 12, bytes);
        if (answer == 0) {
          forget(space, next, sliceEnd);
        }
        space.unpin();
        arrivals = null;
        next = sliceEnd;
        return answer;
      }

      @Override
      void ended() {
        result(-Errno.ESRCH);
      }
    };
  }

  private void forget(Space space, long from, long end) {
    PageTable table = space.pages.table();
    long page = table.nextPage(from, end);
    while (page != PageTable.NO_PAGE) {
      cache.makeEmpty(space.pages, page, table.get(page));
      page = table.nextPage(page + 1, end);
    }
    if (space.kept != null) {
      space.kept.removeRange(from, end);
    }
  }
}
