package io.splitkernel.pcomponent.fault;

import io.splitkernel.ffi.Epoll;
import io.splitkernel.ffi.EventFd;
import io.splitkernel.pcomponent.excache.Frames;
import java.util.ArrayDeque;
import java.util.Queue;

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
  private final Queue<Command> commands;
  private final ArrayDeque<Command> pending = new ArrayDeque<>();
  private final RemoteEvents events = new RemoteEvents(256);
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
      Queue<Command> commands,
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
    abandonCommands(failure);
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
    pollRemote();
    takeEvicted();
    forks.advance();
    if (woken || !pending.isEmpty()) {
      runCommands();
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
    progress = pollRemote();
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
      if (messages.read(space) > 0 || (state.remote.outstanding() > 0 && pollRemote())) {
        poll.onLooked(true);
        return true;
      }
      if (evictor.isFinished() || !commands.isEmpty() || stopping) {
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
        || !pending.isEmpty()
        || forks.isCopying()
        || unclaimed.wakeNs() != Long.MAX_VALUE
        || eviction.wakeNs() != Long.MAX_VALUE;
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

  private long timeoutNs() {
    if (state.remote.outstanding() > 0 && (!remoteHasDescriptor || !state.remote.arm())) {
      return 0;
    }
    if (forks.isCopying() || repeats.hasRoom()) {
      return 0;
    }
    if (progress && !pending.isEmpty()) {
      return 0; // a command may wait for just that
    }
    if (messages.takeUnsettled() || state.retries.size() > 0) {
      return RETRY_NS;
    }
    long mostNs = pending.isEmpty() ? TICK_NS : PENDING_NS;
    long wakeNs = Math.min(eviction.wakeNs(), unclaimed.wakeNs());
    if (wakeNs != Long.MAX_VALUE) {
      return Math.min(mostNs, Math.max(0, wakeNs - System.nanoTime()));
    }
    return mostNs;
  }

  private boolean pollRemote() {
    boolean any = false;
    int count;
    do {
      count = state.remote.poll(events);
      for (int i = 0; i < count; i++) {
        onRemote(i);
      }
      any |= count > 0;
    } while (count > 0);
    return any;
  }

  private void onRemote(int i) {
    switch (events.kind(i)) {
      case DONE -> onTransfer(events.token(i), true, null);
      case FAILED -> onTransfer(events.token(i), false, events.reason(i));
      case EXTENT_GRANTED -> writeBack.onExtentGranted();
      case EXTENT_DENIED -> writeBack.onExtentDenied(events.space(i), events.reason(i));
      case SPACE_LOST -> {
        Space space = state.spaces[events.space(i)];
        if (space != null) {
          state.memoryLost(space, events.reason(i));
        }
      }
    }
  }

  private void onTransfer(long token, boolean good, String reason) {
    int frame = Tokens.frame(token);
    Frames frames = state.cache.frames();
    if (frames.generation(frame) != Tokens.generation(token)) {
      state.counters.increment(ProcessorCounter.STALE_COMPLETIONS);
      return;
    }
    switch (Tokens.operation(token)) {
      case Tokens.READ -> fetches.onRead(frame, good, reason);
      case Tokens.WRITE -> writeBack.onWritten(frame, good, reason);
      case Tokens.READ_AHEAD -> readAhead.onRead(frame, good, reason);
      case Tokens.RESCUE_READ -> rescues.onRead(frame, good);
      case Tokens.RESCUE_WRITE -> rescues.onWritten(frame, good);
      default -> state.counters.increment(ProcessorCounter.STALE_COMPLETIONS);
    }
  }

  private void runCommands() {
    Command command = commands.poll();
    while (command != null) {
      pending.add(command);
      command = commands.poll();
    }
    for (int left = pending.size(); left > 0; left--) {
      Command next = pending.poll();
      if (!attempt(next)) {
        pending.add(next);
      }
    }
  }

  private boolean attempt(Command command) {
    try {
      if (!command.attempt()) {
        return false;
      }
      state.gauge(); // the caller may look at once
      command.finish(null);
    } catch (RuntimeException e) {
      command.finish(e);
    } catch (Error e) {
      command.finish(new IllegalStateException("the pager has failed: " + e, e));
      throw e;
    }
    return true;
  }

  /** Ends commands that nobody will attempt any more; not beside a running pager thread. */
  void abandonCommands(String reason) {
    for (Command left : pending) {
      left.finish(new IllegalStateException(reason));
    }
    abandonNewCommands(reason);
  }

  /** Any thread: ends commands that came after the end of the pager thread. */
  void abandonNewCommands(String reason) {
    Command command = commands.poll();
    while (command != null) {
      command.finish(new IllegalStateException(reason));
      command = commands.poll();
    }
  }
}
