package io.splitkernel.pcomponent.fault;

import io.splitkernel.ffi.Userfaultfd;
import io.splitkernel.pcomponent.excache.ExCache;

/** What the actors of the pager thread share. Pager thread. */
final class PagerState {
  final PagerConfig config;
  final ExCache cache;
  final RemoteMemory remote;
  final ProcessorCounters counters;
  final FaultLatency latency;
  final AddressSpaces.Listener listener;
  final Userfaultfd uffd = new Userfaultfd();
  final long memoryPages;

  /** Frames that only faults may take, so that evictions cannot shut them out. */
  final int frameReserve;

  /** By number; null where there is none. */
  final Space[] spaces;

  /** Faults that wait for a line or a frame. */
  final ParkedFaults starved = new ParkedFaults();

  /** Those are being served now. */
  boolean servingStarved;

  /** Faults to repeat when the fork that disturbed them is over. */
  final ParkedFaults retries = new ParkedFaults();

  /** Faults in held ranges or frozen spaces. */
  final ParkedFaults held = new ParkedFaults();

  /** Some of those may be served now. */
  boolean heldChanged;

  PagerState(
      PagerConfig config,
      RemoteMemory remote,
      ProcessorCounters counters,
      FaultLatency latency,
      AddressSpaces.Listener listener) {
    this.config = config;
    this.remote = remote;
    this.counters = counters;
    this.latency = latency;
    this.listener = listener;
    this.memoryPages = config.memoryBytes() / EvictionBatch.PAGE_BYTES;
    int frames = config.framePages();
    this.frameReserve = Math.max(2, Math.min(64, frames / 4));
    long base = remote.allocateFrames((long) frames * EvictionBatch.PAGE_BYTES);
    this.cache = new ExCache(config.cachePages() - frames, frames, base, config.spacesMax());
    this.spaces = new Space[config.spacesMax() + 2];
    remote.openSpace(cache.slots().poolSpace());
  }

  /** A space that has not ended, or null. */
  Space live(int number) {
    Space space = known(number);
    return space == null || space.ending ? null : space;
  }

  /** A space of which something may still be under way, though it has ended; or null. */
  Space known(int number) {
    return number > 0 && number < spaces.length ? spaces[number] : null;
  }

  /** The space that has the most pages of those that have not ended, or null. */
  Space largest() {
    Space largest = null;
    for (Space space : spaces) {
      if (space != null
          && !space.ending
          && (largest == null || space.pages.inUse() > largest.pages.inUse())) {
        largest = space;
      }
    }
    return largest;
  }

  /** A fault waits for room. */
  void starve(Space space, long page, int kind, long startNs) {
    counters.increment(ProcessorCounter.STARVED_FAULTS);
    // a pinned page waits for a frame at most, not for a line as those in the queue may
    (space.isPinned(page) ? retries : starved).add(space.number(), page, kind, startNs);
  }

  /** Asks for an extent, once. */
  void requestExtent(int space, long address) {
    if (remote.requestExtent(space, address)) {
      counters.increment(ProcessorCounter.EXTENT_REQUESTS);
    }
  }

  /** Whether a page may take a line now. */
  boolean hasLine(Space space, long page) {
    return cache.lines().available() > 0 || space.isPinned(page);
  }

  /** Whether a new fault must queue behind those that wait for room. */
  boolean mustQueue() {
    return !servingStarved && starved.size() > 0 && cache.lines().available() <= starved.size();
  }

  /** The memory limit is reached. */
  void outOfMemory(Space space) {
    outOfMemory(
        space,
        "out of memory: the program needs more than "
            + config.memoryBytes()
            + " bytes (in use: "
            + cache.inUse() * EvictionBatch.PAGE_BYTES
            + " bytes over all address spaces); raise --memory");
  }

  /** A space cannot go on. */
  void outOfMemory(Space space, String reason) {
    if (!space.doomed) {
      space.doomed = true;
      listener.onOutOfMemory(space.number(), reason);
    }
  }

  /** Pages of a space are lost; null when they were the pager's own, and who reads them is told. */
  void memoryLost(Space space, String reason) {
    if (space != null && !space.doomed) {
      space.doomed = true;
      listener.onMemoryLost(space.number(), reason);
    }
  }

  /** Brings the gauges up to date. */
  void gauge() {
    long resident = cache.localPages() * EvictionBatch.PAGE_BYTES;
    counters.set(ProcessorCounter.RESIDENT_BYTES, resident);
    counters.set(ProcessorCounter.IN_USE_BYTES, cache.inUse() * EvictionBatch.PAGE_BYTES);
    if (resident > counters.get(ProcessorCounter.RESIDENT_PEAK_BYTES)) {
      counters.set(ProcessorCounter.RESIDENT_PEAK_BYTES, resident);
    }
  }
}
