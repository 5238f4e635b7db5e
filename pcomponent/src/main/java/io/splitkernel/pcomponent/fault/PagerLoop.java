package io.splitkernel.pcomponent.fault;

import io.splitkernel.ffi.Epoll;
import io.splitkernel.ffi.EventFd;

/**
 * The duty cycle of the pager thread: waits for faults, transfers, evictions and commands, and
 * gives each to its actor. Blocks in epoll while there is nothing to do, after a short look for the
 * next fault where {@link PollPolicy} finds that worth it.
 */
final class PagerLoop implements Runnable {
  /** Epoll token of the wake-up descriptor. */
  static final int WAKE_TOKEN = 0;

  /** Epoll token of the completion descriptor. */
  static final int REMOTE_TOKEN = -1;

  private static final long RETRY_NS = 50_000;
  private static final long PENDING_NS = 1_000_000;

  /** Finds without a look at all descriptors, after which the others have their turn. */
  private static final int FOUND_MAX = 16;

  private static final long TICK_NS = 1_000_000_000L;

  private final PagerState state;
  private final Epoll epoll;
  private final EventFd wake;
  private final Evictor evictor;
  private final Fetches fetches;
  private final ReadAhead readAhead;
  private final FaultServer server;
  private final FaultRepeats repeats;
  private final Eviction eviction;
  private final WriteBack writeBack;
  private final SpaceTable table;
  private final Forks forks;
  private final Rescues rescues;
  private final Installer installer;
  private final Beacon beacon;
  private final Unclaimed unclaimed;
  private final Messages messages;
  private final CommandQueue commands;
  private final Transfers transfers;
  private final boolean remoteHasDescriptor;
  private volatile boolean stopping;
  private volatile String failure;
  private final PollPolicy poll;
  private int lookAt;
  private int foundInARow;
  private boolean progress;
  private long tickedNs;

  PagerLoop(
      PagerState state,
      Epoll epoll,
      EventFd wake,
      Evictor evictor,
      SpaceTable table,
      CommandQueue commands,
      long nonce) {
    this.state = state;
    this.epoll = epoll;
    this.wake = wake;
    this.evictor = evictor;
    this.table = table;
    this.commands = commands;
    poll = new PollPolicy(state.config.pollNs());
    installer = new Installer(state);
    beacon = new Beacon(state.uffd, nonce);
    unclaimed = new Unclaimed(state, table);
    fetches = new Fetches(state, installer);
    readAhead = new ReadAhead(state, installer);
    server = new FaultServer(state, fetches, readAhead, evictor, installer, beacon);
    repeats = new FaultRepeats(state, server);
    eviction = new Eviction(state, evictor, server, unclaimed);
    rescues = new Rescues(state);
    writeBack = new WriteBack(state, rescues);
    transfers = new Transfers(state, fetches, readAhead, writeBack, rescues);
    forks = new Forks(state, table, evictor, installer, beacon, unclaimed);
    messages = new Messages(state, forks, server);
    remoteHasDescriptor = state.remote.eventDescriptor() >= 0;
  }

  Forks forks() {
    return forks;
  }

  Messages messages() {
    return messages;
  }

  FaultServer server() {
    return server;
  }

  Eviction eviction() {
    return eviction;
  }

  Unclaimed unclaimed() {
    return unclaimed;
  }

  Beacon beacon() {
    return beacon;
  }

  /** Any thread: why the pager serves nothing any more, or null. */
  String failure() {
    return failure;
  }

  /** Any thread: ends the loop after its turn. */
  void stop() {
    stopping = true;
    wake.signal();
  }

  @Override
  public void run() {
    try {
      while (!stopping) {
        turn();
      }
      installer.close();
      beacon.close();
    } catch (Throwable e) { // whatever it is, everybody waits for this thread
      fail(e);
    }
  }

  private void fail(Throwable e) {
    failure = "the pager has failed: " + e;
    commands.abandonAll(failure);
    state.listener.onPagerFailed(failure);
  }

  private void turn() {
    if (evictor.death() != null) {
      throw new IllegalStateException(evictor.death());
    }
    boolean found = look();
    boolean woken = false;
    if (!found || ++foundInARow >= FOUND_MAX) {
      foundInARow = 0;
      woken = awaitEvents(found);
      tick();
    }
    transfers.poll();
    takeEvicted();
    forks.advance();
    if (woken || commands.isPending()) {
      commands.run();
    }
    if (state.heldChanged) {
      state.heldChanged = false;
      repeats.repeat(state.held);
    }
    repeats.repeat(state.retries);
    repeats.serveStarved();
    eviction.kick();
    writeBack.kick(eviction.wantsFrames() || state.starved.size() > 0);
    state.remote.flush();
    progress = transfers.poll();
    state.gauge();
  }

  /** Takes the results of an eviction back, when all forks that saw it half done are known. */
  private void takeEvicted() {
    if (evictor.isFinished()
        && messages.isSettled(evictor.task().space)
        && forks.settleDoubts(evictor.task(), messages)) {
      evictor.takeFinished();
      eviction.onFinished(System.nanoTime());
    }
  }

  /** Looks for a fault of the space that had the last one, and for what has come from remote. */
  private boolean look() {
    Space space = state.spaces[lookAt];
    if (space == null || mustSleep() || !poll.isWorthIt()) {
      return false;
    }
    long endNs = System.nanoTime() + poll.budgetNs();
    do {
      if (messages.read(space) > 0 || (state.remote.outstanding() > 0 && transfers.poll())) {
        poll.onLooked(true);
        return true;
      }
      if (evictor.isFinished() || commands.isOffered() || stopping) {
        return false; // the wake-up descriptor tells of it
      }
      Thread.onSpinWait();
    } while (System.nanoTime() < endNs);
    poll.onLooked(false);
    return false;
  }

  /** Something is to be done at a certain time, or whenever anything happens. */
  private boolean mustSleep() {
    return state.retries.size() > 0
        || state.starved.size() > 0
        || commands.isPending()
        || forks.isCopying()
        || wakeNs() < System.nanoTime() + poll.budgetNs();
  }

  /** Waits, unless something was found already; whether the wake-up descriptor has told. */
  private boolean awaitEvents(boolean found) {
    long timeoutNs = found ? 0 : timeoutNs();
    long beforeNs = System.nanoTime();
    int ready = epoll.await(timeoutNs);
    boolean woken = false;
    for (int i = 0; i < ready; i++) {
      int token = epoll.token(i);
      if (token > 0) {
        if (!found && token == lookAt) {
          poll.onSlept(System.nanoTime() - beforeNs);
        }
        lookAt = token;
        messages.read(state.spaces[token]);
      } else if (token == WAKE_TOKEN) {
        wake.drain();
        woken = true;
      } else {
        state.remote.acknowledge(); // what it tells of is polled next
      }
    }
    return woken;
  }

  /** What may be late; also under load, by and by. */
  private void tick() {
    long now = System.nanoTime();
    unclaimed.tick(now);
    if (now - tickedNs > TICK_NS) {
      tickedNs = now;
      table.releaseUnreferenced();
    }
  }

  /** When something is to be done though nothing happens; {@link Long#MAX_VALUE} for never. */
  private long wakeNs() {
    return Math.min(eviction.wakeNs(), unclaimed.wakeNs());
  }

  private long timeoutNs() {
    if (state.remote.outstanding() > 0 && (!remoteHasDescriptor || !state.remote.arm())) {
      return 0;
    }
    if (forks.isCopying() || repeats.hasRoom()) {
      return 0;
    }
    if (progress && commands.isPending()) {
      return 0; // a command may wait for just that
    }
    if (messages.takeUnsettled() || state.retries.size() > 0) {
      return RETRY_NS;
    }
    long mostNs = commands.isPending() ? PENDING_NS : TICK_NS;
    long wakeNs = wakeNs();
    if (wakeNs != Long.MAX_VALUE) {
      return Math.min(mostNs, Math.max(0, wakeNs - System.nanoTime()));
    }
    return mostNs;
  }
}
