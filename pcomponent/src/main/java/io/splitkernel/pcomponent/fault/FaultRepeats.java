package io.splitkernel.pcomponent.fault;

/** Serves parked faults again, and gives up on those that find no room. Pager thread. */
final class FaultRepeats {
  private final PagerState state;
  private final FaultServer server;
  private long starvedSinceNs;

  FaultRepeats(PagerState state, FaultServer server) {
    this.state = state;
    this.server = server;
  }

  /** Serves parked faults once each; what cannot be served parks itself again. */
  void repeat(ParkedFaults faults) {
    for (int left = faults.size(); left > 0; left--) {
      serveOldest(faults);
    }
  }

  private void serveOldest(ParkedFaults faults) {
    Space space = state.spaces[faults.space()];
    long page = faults.page();
    int kind = faults.kind();
    long startNs = faults.startNs();
    faults.remove();
    if (space != null) {
      server.serve(space, page, kind, startNs);
    }
  }

  /** Whether a fault that waits for room could be served now. */
  boolean hasRoom() {
    return state.starved.size() > 0
        && state.cache.lines().available() > 0
        && state.cache.frames().freeCount() + state.cache.frames().cleanCount() > 0;
  }

  /** Serves those that wait for room, oldest first, as far as it goes. */
  void serveStarved() {
    ParkedFaults starved = state.starved;
    if (starved.size() == 0) {
      starvedSinceNs = 0;
      return;
    }
    long now = System.nanoTime();
    if (starvedSinceNs == 0) {
      starvedSinceNs = now;
    }
    boolean progress = false;
    state.servingStarved = true;
    for (int left = starved.size(); left > 0 && state.cache.lines().available() > 0; left--) {
      int before = starved.size();
      serveOldest(starved);
      if (starved.size() == before) {
        break;
      }
      progress = true;
    }
    state.servingStarved = false;
    if (progress) {
      starvedSinceNs = now;
    } else if (now - starvedSinceNs > state.config.starvationTimeoutNs()) {
      starvedSinceNs = now;
      giveUp(starved);
    }
  }

  private void giveUp(ParkedFaults starved) {
    Space space = state.spaces[starved.space()];
    starved.remove();
    if (space != null) {
      state.outOfMemory(
          space,
          "out of memory: nothing of the cache of "
              + state.config.cacheBytes()
              + " bytes could be evicted for "
              + state.config.starvationTimeoutNs() / 1_000_000
              + " ms (pinned pages, or no remote memory); raise --cache");
    }
  }
}
