package io.splitkernel.pcomponent.fault;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.Userfaultfd;
import io.splitkernel.pcomponent.excache.ExCache;
import io.splitkernel.pcomponent.excache.ForeignSlots;
import io.splitkernel.pcomponent.excache.Frames;
import io.splitkernel.pcomponent.excache.PageEntry;
import io.splitkernel.pcomponent.excache.PageTable;

/** Reads remote pages into frames and installs them. Pager thread, data path. */
final class Fetches {
  private static final int PAGE = PageTable.PAGE_BYTES;
  private static final int SHIFT = 12;

  private final PagerState state;
  private final ExCache cache;
  private final Frames frames;

  Fetches(PagerState state) {
    this.state = state;
    this.cache = state.cache;
    this.frames = state.cache.frames();
  }

  /** Starts to read the page of a fault. */
  void fetch(Space space, long page, long entry, int kind, long startNs) {
    if (cache.lines().available() <= 0) {
      state.starve(space, page, kind, startNs);
      return;
    }
    int frame = cache.takeFrame(space.number(), page, Frames.Use.READING, 0);
    if (frame == Frames.NONE) {
      state.starve(space, page, kind, startNs);
      return;
    }
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
      cache.makeFetching(space.pages, page, entry, frame);
      frames.await(frame, startNs, kind);
      state.counters.increment(ProcessorCounter.REMOTE_READS);
      state.counters.add(ProcessorCounter.REMOTE_READ_BYTES, PAGE);
      return;
    }
    frames.become(frame, Frames.Use.FREE);
    if (result == RemoteMemory.QUEUE_FULL) {
      state.starve(space, page, kind, startNs);
    } else {
      state.memoryLost(space, lostReason(page));
    }
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
      cache.makeVictimOfRead(space.pages, page, entry);
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
    cache.makeVictimOfRead(space.pages, page, entry);
    state.held.add(space.number(), page, kind, startNs);
  }

  private void install(Space space, long page, long entry, int frame) {
    int kind = frames.waitKinds(frame);
    boolean write = (kind & FaultServer.WRITE) != 0;
    long result =
        state.uffd.copy(
            space.uffd,
            page << SHIFT,
            frames.address(frame),
            PAGE,
            write ? 0 : Userfaultfd.COPY_WP);
    if (result == PAGE) {
      frames.become(frame, Frames.Use.FREE);
      cache.makeResident(space.pages, page, entry, write, false);
      state.latency.record(FaultStage.REMOTE_READ, frames.waitStartNs(frame), System.nanoTime());
      return;
    }
    long startNs = frames.waitStartNs(frame);
    cache.makeVictimOfRead(space.pages, page, entry);
    if (result == -Errno.EAGAIN) {
      state.counters.increment(ProcessorCounter.FORK_RETRIES);
      state.retries.add(space.number(), page, kind, startNs);
      return;
    }
    if (result == -Errno.EEXIST) {
      cache.makeResident(space.pages, page, space.pages.table().get(page), true, false);
    }
    if (result != -Errno.ESRCH) {
      state.counters.increment(ProcessorCounter.MINOR_FAULTS);
      state.uffd.wake(space.uffd, page << SHIFT, PAGE);
    }
  }
}
