package io.splitkernel.pcomponent.fault;

import io.splitkernel.ffi.Errno;
import io.splitkernel.pcomponent.excache.ExCache;
import io.splitkernel.pcomponent.excache.Frames;
import io.splitkernel.pcomponent.excache.Lines;
import io.splitkernel.pcomponent.excache.PageEntry;
import io.splitkernel.pcomponent.excache.PageState;

/**
 * Chooses what leaves the programs and takes the results back. Works in the background as soon as
 * few lines are free, so that faults seldom wait, and while a fork's copies exceed the cache, for
 * which no fault waits. Pager thread, data path.
 */
final class Eviction {
  private static final int SCAN_MAX = 512;
  private static final long BACK_OFF_NS = 1_000_000;
  private static final long DEBT_BACK_OFF_NS = 50_000_000;
  private static final long WANTED_EVERY_NS = 1_000_000_000;

  private final PagerState state;
  private final ExCache cache;
  private final Lines lines;
  private final Frames frames;
  private final Evictor evictor;
  private final FaultServer server;
  private final Unclaimed unclaimed;
  private final Twins twins;
  private final int[] waitKinds = new int[EvictionBatch.PAGES_MAX];
  private final long[] waitStarts = new long[EvictionBatch.PAGES_MAX];
  private final int lowWater;
  private final int batchMax;
  private long notBeforeNs;
  private boolean wantsFrames;

  Eviction(PagerState state, Evictor evictor, FaultServer server, Unclaimed unclaimed) {
    this.unclaimed = unclaimed;
    this.twins = new Twins(state);
    this.state = state;
    this.cache = state.cache;
    this.lines = cache.lines();
    this.frames = cache.frames();
    this.evictor = evictor;
    this.server = server;
    this.lowWater = Math.max(1, Math.min(128, lines.limit() / 8));
    this.batchMax =
        Math.max(1, Math.min(state.config.evictionBatch(), Math.max(1, lines.limit() / 4)));
  }

  /** True when lines are short and only frames are missing to free some. */
  boolean wantsFrames() {
    return wantsFrames;
  }

  /** When to try again although nothing happens; {@link Long#MAX_VALUE} when there is no need. */
  long wakeNs() {
    if (!evictor.isIdle() || !isShort() || room() <= 0) {
      return Long.MAX_VALUE;
    }
    return notBeforeNs; // 0: at once, since frames have come free at the very end of a turn
  }

  private boolean isShort() {
    return lines.available() < lowWater || lines.debt() > 0;
  }

  /** Something that was in the way may have changed. */
  void retry() {
    notBeforeNs = 0;
  }

  private int room() {
    return frames.freeCount() + frames.cleanCount() - state.frameReserve;
  }

  /** Starts an eviction when lines are short. */
  void kick() {
    wantsFrames = false;
    if (!evictor.isIdle() || !isShort()) {
      return;
    }
    long nowNs = System.nanoTime();
    if (nowNs < notBeforeNs) {
      return;
    }
    int room = room();
    if (room <= 0) {
      wantsFrames = true;
      return;
    }
    EvictionTask task = evictor.task();
    choose(task, Math.min(batchMax, room), nowNs);
    if (task.count == 0) {
      notBeforeNs = nowNs + backOffNs();
      return;
    }
    notBeforeNs = 0;
    sort(task.pages, task.count);
    prepare(task);
    evictor.submit();
  }

  /** Insertion sort: at most 64, often almost sorted, and Arrays.sort allocates. */
  private static void sort(long[] values, int count) {
    for (int i = 1; i < count; i++) {
      long value = values[i];
      int at = i;
      while (at > 0 && values[at - 1] > value) {
        values[at] = values[at - 1];
        at--;
      }
      values[at] = value;
    }
  }

  /** Takes the oldest lines, all of one space, as far as they may go now. */
  private void choose(EvictionTask task, int count, long nowNs) {
    task.count = 0;
    task.space = null;
    int line = lines.oldest();
    for (int seen = 0; line != Lines.NONE && seen < SCAN_MAX && task.count < count; seen++) {
      int next = lines.younger(line);
      Space space = state.spaces[lines.space(line)];
      if (space.agent == null) {
        wantAgent(space, nowNs);
        lines.requeue(line);
      } else if (space.ending || space.isHeld(lines.page(line)) || space.isKept(lines.page(line))) {
        lines.requeue(line);
      } else if (task.space == null || task.space == space) {
        if (lines.isBehindOriginal(line)) {
          line = next;
          continue; // it is nothing but a reference when the original has left
        }
        if (lines.cool(line)) {
          lines.requeue(line);
        } else {
          task.space = space;
          task.pages[task.count++] = lines.page(line);
        }
      }
      line = next;
    }
  }

  private long backOffNs() {
    return lines.available() < lowWater ? BACK_OFF_NS : DEBT_BACK_OFF_NS;
  }

  private void wantAgent(Space space, long nowNs) {
    if (nowNs - space.wantedNs >= WANTED_EVERY_NS && !space.ending && !space.doomed) {
      space.wantedNs = nowNs;
      state.listener.onAgentWanted(space.number());
    }
  }

  private void prepare(EvictionTask task) {
    Space space = task.space;
    task.agent = space.agent;
    for (int i = 0; i < task.count; i++) {
      long page = task.pages[i];
      int frame = cache.takeFrame(space.number(), page, Frames.Use.EVICTING, 0);
      task.frames[i] = frame;
      task.frameAddresses[i] = frames.address(frame);
      cache.transits().makeEvicting(space.pages, page, space.pages.table().get(page), frame);
    }
  }

  /** Takes the results of a finished task back. */
  void onFinished(long nowNs) {
    EvictionTask task = evictor.task();
    Space space = task.space;
    int out = 0;
    for (int i = 0; i < task.count; i++) {
      waitKinds[i] = frames.waitKinds(task.frames[i]);
      waitStarts[i] = frames.waitStartNs(task.frames[i]);
      if (onResult(space, task.pages[i], task.results[i], task.zero[i], task.dirtied[i])) {
        out++;
      }
    }
    if (task.failure != null && !space.ending && !unclaimed.isGone(space)) {
      state.memoryLost(space, task.failure);
    }
    state.counters.add(ProcessorCounter.EVICTIONS, out);
    state.counters.add(ProcessorCounter.WRITE_PROTECT_EVICTIONS, task.writeProtected);
    notBeforeNs = out == 0 ? nowNs + backOffNs() : 0;
    // only now: serving may take frames, and every result must have settled its own before
    for (int i = 0; i < task.count; i++) {
      if (waitKinds[i] != 0) {
        server.serve(
            space, task.pages[i], kindAfter(space, task.pages[i], waitKinds[i]), waitStarts[i]);
      }
    }
  }

  /** A write-protect fault whose page has gone meanwhile is a missing fault by now. */
  private static int kindAfter(Space space, long page, int kind) {
    boolean present = PageEntry.is(space.pages.table().get(page), PageState.RESIDENT);
    return present ? kind : kind & ~FaultServer.PROTECTED;
  }

  private boolean onResult(Space space, long page, int result, boolean zero, boolean dirtied) {
    if (dirtied) {
      cache.makeDirty(space.pages, page, space.pages.table().get(page));
    }
    long entry = space.pages.table().get(page);
    space.pages.addEvicting(-1);
    if (result == 0 && !zero) {
      cache.transits().makeVictim(space.pages, page, entry);
      if (PageEntry.has(entry, PageEntry.COPY)) {
        twins.join(space, page);
      }
      return true;
    }
    if (result == 0 || result == -Errno.ENOENT) {
      if (zero) {
        state.counters.increment(ProcessorCounter.ZERO_EVICTIONS);
      }
      cache.makeEmpty(space.pages, page, entry);
      return true;
    }
    if (result == -Errno.EBUSY) {
      state.counters.increment(ProcessorCounter.PINNED);
    }
    cache.transits().stay(space.pages, page, entry, result == -Errno.EBUSY);
    return false;
  }
}
