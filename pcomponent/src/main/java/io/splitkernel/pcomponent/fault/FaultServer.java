package io.splitkernel.pcomponent.fault;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.Userfaultfd;
import io.splitkernel.pcomponent.excache.ExCache;
import io.splitkernel.pcomponent.excache.Frames;
import io.splitkernel.pcomponent.excache.PageEntry;
import io.splitkernel.pcomponent.excache.PageState;
import io.splitkernel.pcomponent.excache.PageTable;

/**
 * Serves faults by the state of their page. A fault that cannot be served now is noted with the
 * frame whose transfer it waits for, or parked, and simply served again later. Pager thread, data
 * path.
 */
final class FaultServer {
  /** Bit of a fault kind: a write. */
  static final int WRITE = Userfaultfd.FLAG_WRITE;

  /** Bit of a fault kind: the page is present and write-protected. */
  static final int PROTECTED = Userfaultfd.FLAG_WP;

  /** Bit of every fault kind. */
  static final int FAULT = 4;

  /** Bit of a fault kind: nothing is to be read or filled ahead. */
  static final int ALONE = 8;

  private static final int PAGE = PageTable.PAGE_BYTES;
  private static final int SHIFT = 12;

  private final PagerState state;
  private final ExCache cache;
  private final Userfaultfd uffd;
  private final Fetches fetches;
  private final ReadAhead readAhead;
  private final Evictor evictor;
  private final Installer installer;
  private final Beacon beacon;
  private final int streamMax;
  private final int zeroMax;

  FaultServer(
      PagerState state,
      Fetches fetches,
      ReadAhead readAhead,
      Evictor evictor,
      Installer installer,
      Beacon beacon) {
    this.installer = installer;
    this.beacon = beacon;
    this.readAhead = readAhead;
    this.streamMax = Math.max(readAhead.width(), state.config.zeroFillPages());
    this.zeroMax = Math.min(state.config.zeroFillPages(), state.cache.lines().limit() / 8);
    this.evictor = evictor;
    this.state = state;
    this.cache = state.cache;
    this.uffd = state.uffd;
    this.fetches = fetches;
  }

  /** Serves a fault, or arranges for its being served later. */
  void serve(Space space, long page, int kind, long startNs) {
    if (space.doomed || space.ending) {
      return;
    }
    if (Beacon.isOwn(page)) {
      serveOwn(space, page);
      return;
    }
    if (space.isHeld(page)) {
      state.held.add(space.number(), page, kind, startNs);
      return;
    }
    long entry = space.pages.table().get(page);
    if ((kind & PROTECTED) != 0) {
      serveProtected(space, page, entry, kind, startNs);
      return;
    }
    boolean write = (kind & WRITE) != 0;
    PageState where = PageEntry.state(entry);
    if (state.mustQueue()
        && !space.isPinned(page)
        && (where == PageState.EMPTY || where == PageState.VICTIM || where == PageState.REMOTE)) {
      state.starve(space, page, kind, startNs);
      return;
    }
    switch (where) {
      case EMPTY -> zeroFill(space, page, wanted(space, page, kind), kind, startNs);
      case RESIDENT -> refill(space, page, entry, write, kind, startNs);
      case EVICTING, FETCHING -> awaitFrame(entry, kind, startNs);
      case VICTIM -> {
        wanted(space, page, kind);
        installVictim(space, page, entry, kind, startNs);
      }
      case REMOTE -> fetch(space, page, entry, kind, startNs);
    }
  }

  /** A page of Lego's own, which nobody but the beacon's readers should miss. */
  private void serveOwn(Space space, long page) {
    if (Beacon.isIn(page, page + 1)) {
      beacon.install(space);
    }
    installer.wake(space, page);
  }

  /** Pages that are worth installing at once, from the missing one on. */
  private int wanted(Space space, long page, int kind) {
    int want = space.streams.onMiss(page, streamMax);
    return (kind & ALONE) != 0 ? 1 : want;
  }

  private void fetch(Space space, long page, long entry, int kind, long startNs) {
    int shared = cache.shares().frame(entry);
    if (shared != Frames.NONE) {
      wanted(space, page, kind);
      installFrom(space, page, entry, shared, (kind & WRITE) != 0, kind, startNs);
      return;
    }
    int want = wanted(space, page, kind);
    state.counters.add(ProcessorCounter.PREFETCH_HITS, space.streams.takePassed());
    long stride = space.streams.stride();
    if (want >= 2 && stride != 1) {
      fetches.fetch(space, page, entry, kind, startNs);
      fetches.fetchAhead(space, page, stride, Math.min(want, readAhead.width()) - 1);
      return;
    }
    if (want < 2 || !readAhead.fetch(space, page, entry, want, kind, startNs)) {
      fetches.fetch(space, page, entry, kind, startNs);
    }
  }

  private void awaitFrame(long entry, int kind, long startNs) {
    cache.frames().await(cache.lines().frame(PageEntry.line(entry)), startNs, kind);
  }

  private void zeroFill(Space space, long page, int want, int kind, long startNs) {
    if (cache.inUse() >= state.memoryPages) {
      state.outOfMemory(space);
      return;
    }
    if (cache.lines().available() <= 0) {
      state.starve(space, page, kind, startNs);
      return;
    }
    boolean write = (kind & WRITE) != 0;
    int direction = direction(space);
    int count = direction == 0 ? 1 : emptyRun(space, page, direction, Math.min(want, zeroMax));
    long first = direction < 0 ? page - count + 1 : page;
    long result = installer.zero(space, first, count, write);
    if (count > 1 && result != (long) count * PAGE && result != -Errno.EAGAIN) {
      // the run went beyond its mapping; what it filled below the missing page is filled
      noteFilled(space, first, result > 0 ? (int) (result / PAGE) : 0);
      direction = 0;
      first = page;
      result =
          PageEntry.is(space.pages.table().get(page), PageState.EMPTY)
              ? installer.zero(space, page, 1, write)
              : 0;
    }
    if (result < 0) {
      installer.refused(space, page, kind, startNs, result);
      return;
    }
    int filled = (int) (result / PAGE);
    noteFilled(space, first, filled);
    if (filled > 1) {
      space.streams.passOver(filled);
    }
    state.latency.record(FaultStage.ZERO_FILL, startNs, System.nanoTime());
  }

  /** Whither first touches go: 1 up, -1 down, 0 neither. */
  private static int direction(Space space) {
    long stride = space.streams.stride();
    return stride == 1 || stride == -1 ? (int) stride : 0;
  }

  private void noteFilled(Space space, long first, int count) {
    for (int i = 0; i < count; i++) {
      long before = space.pages.table().get(first + i);
      cache.makeResident(space.pages, first + i, before, true, false);
    }
    state.counters.add(ProcessorCounter.ZERO_FILLS, count);
  }

  /** Length of the run of empty pages that may be filled at once. */
  private int emptyRun(Space space, long page, int direction, int want) {
    long most =
        Math.min(want, Math.min(cache.lines().available(), state.memoryPages - cache.inUse()));
    most = direction < 0 ? Math.min(most, page + 1) : Math.min(most, PageTable.PAGES_MAX - page);
    int count = 1;
    while (count < most && isFree(space, page + (long) direction * count)) {
      count++;
    }
    return count;
  }

  private static boolean isFree(Space space, long page) {
    return PageEntry.is(space.pages.table().get(page), PageState.EMPTY) && !space.isHeld(page);
  }

  /**
   * A missing fault on a page that should be there: it was freed behind our back, so it is zero
   * now; or it is there and the message is a duplicate.
   */
  private void refill(Space space, long page, long entry, boolean write, int kind, long startNs) {
    long result = installer.zero(space, page, 1, write);
    if (result == PAGE) {
      if (!PageEntry.has(entry, PageEntry.DIRTY)) {
        cache.makeDirty(space.pages, page, entry);
      }
      state.counters.increment(ProcessorCounter.ZERO_FILLS);
    } else {
      installer.refused(space, page, kind, startNs, result);
    }
  }

  private void installVictim(Space space, long page, long entry, int kind, long startNs) {
    boolean dirty = (kind & WRITE) != 0 || PageEntry.has(entry, PageEntry.DIRTY);
    installFrom(space, page, entry, PageEntry.line(entry), dirty, kind, startNs);
  }

  private void installFrom(
      Space space, long page, long entry, int frame, boolean dirty, int kind, long startNs) {
    if (!state.hasLine(space, page)) {
      state.starve(space, page, kind, startNs);
      return;
    }
    long result = installer.copy(space, page, cache.frames().address(frame), 1, dirty);
    if (result == PAGE) {
      cache.makeResident(space.pages, page, entry, dirty, true);
      state.counters.increment(ProcessorCounter.VICTIM_HITS);
      state.latency.record(FaultStage.VICTIM_HIT, startNs, System.nanoTime());
    } else {
      installer.refused(space, page, kind, startNs, result);
    }
  }

  private void serveProtected(Space space, long page, long entry, int kind, long startNs) {
    switch (PageEntry.state(entry)) {
      case RESIDENT -> unprotect(space, page, entry, kind, startNs);
      case EVICTING -> {
        // the one that writes may be the agent itself, breaking copy-on-write: do not let it wait
        if (evictor.beginLifting()) {
          unprotect(space, page, entry, kind, startNs);
          evictor.endLifting();
        } else {
          awaitFrame(entry, kind, startNs);
        }
      }
      // the page has gone meanwhile: the thread that waits will be woken by its return
      case FETCHING -> awaitFrame(entry, FAULT | WRITE, startNs);
      case EMPTY, VICTIM, REMOTE -> {
        if (space.pagemap != null && space.pagemap.isPresent(page)) {
          installer.adopt(space, page, entry);
          unprotect(space, page, space.pages.table().get(page), kind, startNs);
        } else if (space.pagemap == null) {
          // nobody has claimed the child: harmless when the page is absent
          uffd.writeProtect(space.uffd, page << SHIFT, PAGE, false);
        } else {
          installer.wake(space, page);
        }
      }
    }
  }

  private void unprotect(Space space, long page, long entry, int kind, long startNs) {
    int result = uffd.writeProtect(space.uffd, page << SHIFT, PAGE, false);
    if (result == 0) {
      if (!PageEntry.has(entry, PageEntry.DIRTY)) {
        cache.makeDirty(space.pages, page, entry);
      }
      state.counters.increment(ProcessorCounter.WRITE_PROTECT_FAULTS);
      state.latency.record(FaultStage.WRITE_PROTECT, startNs, System.nanoTime());
    } else if (result == -Errno.EAGAIN) {
      state.counters.increment(ProcessorCounter.FORK_RETRIES);
      state.retries.add(space.number(), page, kind, startNs);
    } else if (result != -Errno.ESRCH) {
      installer.wake(space, page);
    }
  }
}
