package io.splitkernel.pcomponent.fault;

import io.splitkernel.ffi.Errno;
import io.splitkernel.pcomponent.excache.ExCache;
import io.splitkernel.pcomponent.excache.ForeignSlots;
import io.splitkernel.pcomponent.excache.Frames;
import io.splitkernel.pcomponent.excache.PageEntry;
import io.splitkernel.pcomponent.excache.PageState;
import io.splitkernel.pcomponent.excache.PageTable;

/**
 * Reads the pages of a stream together with the missing one: one READ into neighbouring frames, one
 * UFFDIO_COPY for all, which wakes the program only when all are there. A few windows of frames are
 * set aside for it. Pager thread, data path.
 */
final class ReadAhead {
  private static final int PAGE = PageTable.PAGE_BYTES;
  private static final int SHIFT = 12;
  private static final int WINDOWS = 4;
  private static final long EXTENT_PAGES = 512;

  private final PagerState state;
  private final ExCache cache;
  private final Frames frames;
  private final Installer installer;
  private final int width;
  private final int[] firstFrame;
  private final int[] counts;

  ReadAhead(PagerState state, Installer installer) {
    this.installer = installer;
    this.state = state;
    this.cache = state.cache;
    this.frames = cache.frames();
    int share = frames.count() / 4;
    int most = Math.min(state.config.prefetchPages(), cache.lines().limit() / 4);
    int windows = Math.min(WINDOWS, share / Math.max(2, most));
    width = windows > 0 ? most : Math.min(most, share);
    firstFrame = new int[width < 2 ? 0 : Math.max(1, windows)];
    counts = new int[firstFrame.length];
    for (int i = 0; i < firstFrame.length; i++) {
      for (int k = 0; k < width; k++) {
        int frame = cache.reserveFrame();
        if (k == 0) {
          firstFrame[i] = frame;
        }
        assert frame == firstFrame[i] + k : "frames of a window must be neighbours";
      }
    }
  }

  /** Frames set aside. */
  int frameCount() {
    return firstFrame.length * width;
  }

  /** Largest number of pages of one READ, at least 1. */
  int width() {
    return firstFrame.length == 0 ? 1 : width;
  }

  /**
   * Starts to read a run of pages that begins with the missing one.
   *
   * @param want pages worth reading.
   * @return false when it cannot; nothing has changed then.
   */
  boolean fetch(Space space, long page, long entry, int want, int kind, long startNs) {
    int window = freeWindow();
    int count = window < 0 ? 0 : run(space, page, entry, Math.min(want, width));
    if (count < 2) {
      return false;
    }
    int record = PageEntry.foreign(entry);
    int owner = record == ForeignSlots.NONE ? space.number() : cache.foreign().space(record);
    long slot = record == ForeignSlots.NONE ? page : cache.foreign().page(record);
    int first = firstFrame[window];
    frames.renew(first);
    long token = Tokens.of(Tokens.READ_AHEAD, first, frames.generation(first));
    int result =
        state.remote.read(token, owner, slot << SHIFT, frames.address(first), count * PAGE);
    if (result != RemoteMemory.POSTED) {
      return false;
    }
    counts[window] = count;
    PageTable table = space.pages.table();
    for (int i = 0; i < count; i++) {
      frames.reuse(first + i, space.number(), page + i);
      cache.transits().makeFetching(space.pages, page + i, table.get(page + i), first + i);
    }
    frames.await(first, startNs, kind);
    space.streams.took(count);
    state.counters.add(ProcessorCounter.REMOTE_READS, count);
    state.counters.add(ProcessorCounter.REMOTE_READ_BYTES, (long) count * PAGE);
    state.counters.add(ProcessorCounter.PREFETCHED, count - 1);
    return true;
  }

  private int freeWindow() {
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] == 0) {
        return i;
      }
    }
    return -1;
  }

  /** Length of the run of remote pages whose slots are neighbours too, within one extent. */
  private int run(Space space, long page, long entry, int want) {
    int most = Math.min(want, cache.lines().available());
    int record = PageEntry.foreign(entry);
    long slot = record == ForeignSlots.NONE ? page : cache.foreign().page(record);
    most = (int) Math.min(most, EXTENT_PAGES - (slot & (EXTENT_PAGES - 1)));
    int count = 1;
    while (count < most && follows(space, page + count, record, slot + count)) {
      count++;
    }
    return count;
  }

  private boolean follows(Space space, long page, int firstRecord, long slot) {
    long entry = space.pages.table().get(page);
    if (!PageEntry.is(entry, PageState.REMOTE) || space.isHeld(page)) {
      return false;
    }
    int record = PageEntry.foreign(entry);
    if (firstRecord == ForeignSlots.NONE || record == ForeignSlots.NONE) {
      return record == firstRecord;
    }
    if (cache.shares().frame(entry) != Frames.NONE) {
      return false; // newer than its slot
    }
    ForeignSlots foreign = cache.foreign();
    return foreign.page(record) == slot && foreign.space(record) == foreign.space(firstRecord);
  }

  /** The READ of a window has ended. */
  void onRead(int frame, boolean good, String reason) {
    int window = 0;
    while (firstFrame[window] != frame) {
      window++;
    }
    int count = counts[window];
    counts[window] = 0;
    Space space = state.spaces[frames.space(frame)];
    long page = frames.page(frame);
    space.pages.addReading(-count);
    if (!good) {
      giveBack(space, page, frame, 0, count);
      state.memoryLost(space, reason == null ? "memory lost" : reason);
    } else if (space.doomed || space.ending || anyHeld(space, page, count)) {
      giveBack(space, page, frame, 0, count);
    } else {
      install(space, page, frame, count);
    }
  }

  private static boolean anyHeld(Space space, long page, int count) {
    for (int i = 0; i < count; i++) {
      if (space.isHeld(page + i)) {
        return true;
      }
    }
    return false;
  }

  private void install(Space space, long page, int frame, int count) {
    boolean write = (frames.waitKinds(frame) & FaultServer.WRITE) != 0;
    long result = installer.copy(space, page, frames.address(frame), count, write);
    int installed = result > 0 ? (int) (result / PAGE) : 0;
    PageTable table = space.pages.table();
    for (int i = 0; i < installed; i++) {
      cache.makeResident(space.pages, page + i, table.get(page + i), write, false);
    }
    if (installed > 0) {
      state.latency.record(FaultStage.REMOTE_READ, frames.waitStartNs(frame), System.nanoTime());
    }
    if (installed < count) {
      // the first one tries again by itself and meets the same error there, if it is one
      giveBack(space, page, frame, installed, count);
      if (result == -Errno.EAGAIN) {
        state.counters.increment(ProcessorCounter.FORK_RETRIES);
      }
    }
  }

  /** What could not be installed is remote again; whoever waits for it is served anew, alone. */
  private void giveBack(Space space, long page, int frame, int from, int count) {
    PageTable table = space.pages.table();
    for (int i = from; i < count; i++) {
      cache.transits().makeRemoteAgain(space.pages, page + i, table.get(page + i));
      int kind = frames.waitKinds(frame + i);
      if (kind != 0 && !space.doomed) {
        ParkedFaults later = space.isHeld(page + i) ? state.held : state.retries;
        later.add(
            space.number(), page + i, kind | FaultServer.ALONE, frames.waitStartNs(frame + i));
      }
    }
  }
}
