package io.splitkernel.pcomponent.fault;

import io.splitkernel.pcomponent.excache.ExCache;
import io.splitkernel.pcomponent.excache.ForeignSlots;
import io.splitkernel.pcomponent.excache.Frames;
import io.splitkernel.pcomponent.excache.PageEntry;
import io.splitkernel.pcomponent.excache.PageState;
import io.splitkernel.pcomponent.excache.PageTable;

/** Reads remote pages into frames and installs them. Pager thread, data path. */
final class Fetches {
  private static final int PAGE = PageTable.PAGE_BYTES;
  private static final int SHIFT = 12;

  private final PagerState state;
  private final ExCache cache;
  private final Frames frames;
  private final Installer installer;

  /** Lines that nobody may take for a page which is only expected. */
  private final int spareLines;

  Fetches(PagerState state, Installer installer) {
    this.installer = installer;
    this.spareLines = Math.min(32, state.cache.lines().limit() / 16);
    this.state = state;
    this.cache = state.cache;
    this.frames = state.cache.frames();
  }

  /** Starts to read the page of a fault. */
  void fetch(Space space, long page, long entry, int kind, long startNs) {
    if (!state.hasLine(space, page)) {
      state.starve(space, page, kind, startNs);
      return;
    }
    int frame = cache.takeFrame(space.number(), page, Frames.Use.READING, 0);
    if (frame == Frames.NONE) {
      state.starve(space, page, kind, startNs);
      return;
    }
    int result = post(space, page, entry, frame);
    if (result == RemoteMemory.POSTED) {
      frames.await(frame, startNs, kind);
      return;
    }
    if (result == RemoteMemory.QUEUE_FULL) {
      state.starve(space, page, kind, startNs);
    } else {
      state.memoryLost(space, lostReason(page));
    }
  }

  /** Starts the READ of a page into a frame, which is free again when it cannot start. */
  private int post(Space space, long page, long entry, int frame) {
    int owner = space.number();
    long slot = page;
    int record = PageEntry.foreign(entry);
    if (record != ForeignSlots.NONE) {
      owner = cache.foreign().space(record);
      slot = cache.foreign().page(record);
    }
    long token = Tokens.of(Tokens.READ, frame, frames.generation(frame));
    int result = state.remote.read(token, owner, slot << SHIFT, frames.address(frame), PAGE);
    if (result == RemoteMemory.POSTED) {
      // taking the frame may have changed another entry, never this one: it is REMOTE
      cache.transits().makeFetching(space.pages, page, entry, frame);
      state.counters.increment(ProcessorCounter.REMOTE_READS);
      state.counters.add(ProcessorCounter.REMOTE_READ_BYTES, PAGE);
    } else {
      frames.become(frame, Frames.Use.FREE);
    }
    return result;
  }

  /**
   * Starts to read the pages at which the next misses of a strided stream are due, as far as there
   * is room to spare and they are remote. Nobody waits for them yet.
   *
   * @param page that is missing.
   * @param stride pages from one to the next, not 0.
   * @param count pages wanted beyond the missing one.
   */
  void fetchAhead(Space space, long page, long stride, int count) {
    int taken = 0;
    while (taken < count && fetchQuietly(space, page + (taken + 1) * stride)) {
      taken++;
    }
    space.streams.took(1 + taken);
    state.counters.add(ProcessorCounter.PREFETCHED, taken);
  }

  private boolean fetchQuietly(Space space, long page) {
    if (page < 0 || page >= PageTable.PAGES_MAX || space.doomed || space.isHeld(page)) {
      return false;
    }
    long entry = space.pages.table().get(page);
    if (!PageEntry.is(entry, PageState.REMOTE)
        || cache.shares().frame(entry) != Frames.NONE
        || cache.lines().available() <= spareLines) {
      return false;
    }
    int frame = cache.takeFrame(space.number(), page, Frames.Use.READING, state.frameReserve);
    return frame != Frames.NONE && post(space, page, entry, frame) == RemoteMemory.POSTED;
  }

  private static String lostReason(long page) {
    return "memory lost: the memory component of page 0x"
        + Long.toHexString(page << SHIFT)
        + " is gone";
  }

  /** A READ has ended. */
  void onRead(int frame, boolean good, String reason) {
    Space space = state.spaces[frames.space(frame)];
    long page = frames.page(frame);
    long entry = space.pages.table().get(page);
    space.pages.addReading(-1);
    if (frames.isOrphan(frame)) {
      frames.become(frame, Frames.Use.FREE);
      return;
    }
    if (!good) {
      cache.transits().makeUnread(space.pages, page, entry); // the frame holds nothing, or worse
      state.memoryLost(space, reason == null ? lostReason(page) : reason);
      return;
    }
    if (space.isHeld(page) || space.doomed || space.ending) {
      park(space, page, entry, frame);
      return;
    }
    install(space, page, entry, frame);
  }

  private void park(Space space, long page, long entry, int frame) {
    int kind = frames.waitKinds(frame);
    long startNs = frames.waitStartNs(frame);
    cache.transits().makeVictimOfRead(space.pages, page, entry);
    if (kind != 0) {
      state.held.add(space.number(), page, kind, startNs);
    }
  }

  private void install(Space space, long page, long entry, int frame) {
    int kind = frames.waitKinds(frame);
    boolean write = (kind & FaultServer.WRITE) != 0;
    long result = installer.copy(space, page, frames.address(frame), 1, write);
    if (result == PAGE) {
      frames.become(frame, Frames.Use.FREE);
      cache.makeResident(space.pages, page, entry, write, false);
      if (kind != 0) {
        state.latency.record(FaultStage.REMOTE_READ, frames.waitStartNs(frame), System.nanoTime());
      }
      return;
    }
    long startNs = frames.waitStartNs(frame);
    cache.transits().makeVictimOfRead(space.pages, page, entry);
    installer.refused(space, page, kind, startNs, result);
  }
}
