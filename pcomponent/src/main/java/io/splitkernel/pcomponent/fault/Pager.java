package io.splitkernel.pcomponent.fault;

import io.splitkernel.ffi.Epoll;
import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.EventFd;
import io.splitkernel.ffi.Userfaultfd;
import io.splitkernel.pcomponent.space.AddressSpaceModel;
import java.security.SecureRandom;

/**
 * The pager of a processor component: serves the page faults of all its address spaces out of the
 * ExCache and remote memory. One thread, {@code lego-pager}, owns all page state; a second one,
 * {@code lego-evictor}, waits for the agents of the address spaces. Everybody else talks to it
 * through {@link AddressSpaces}.
 */
public final class Pager implements AddressSpaces, AutoCloseable {
  private static final long REGISTER_MODE = Userfaultfd.REGISTER_MISSING | Userfaultfd.REGISTER_WP;

  private final PagerConfig config;
  private final PagerState state;
  private final Epoll epoll = new Epoll(64);
  private final EventFd wake = new EventFd();
  private final Evictor evictor = new Evictor(wake);
  private final CommandQueue commands;
  private final SpaceTable table;
  private final PagerLoop loop;
  private final SpaceCommands spaceCommands;
  private final RangeCommands rangeCommands;
  private final LocalCommands localCommands;
  private final long nonce = new SecureRandom().nextLong() | 1;
  private final ThreadLocal<Userfaultfd> callers = ThreadLocal.withInitial(Userfaultfd::new);
  private Thread thread;
  private volatile boolean closed;

  /**
   * @param config settings.
   * @param remote where pages go; the caller closes it after the pager.
   * @param counters written by the pager.
   * @param latency written by the pager.
   * @param listener told about programs that cannot go on.
   */
  public Pager(
      PagerConfig config,
      RemoteMemory remote,
      ProcessorCounters counters,
      FaultLatency latency,
      AddressSpaces.Listener listener) {
    this.config = config;
    state = new PagerState(config, remote, counters, latency, listener);
    table = new SpaceTable(state, epoll);
    commands = new CommandQueue(state);
    loop = new PagerLoop(state, epoll, wake, evictor, table, commands, nonce);
    spaceCommands = new SpaceCommands(state, table, loop);
    rangeCommands = new RangeCommands(state, loop.forks(), loop.messages());
    localCommands = new LocalCommands(state, loop.server(), loop.messages());
    epoll.add(wake.descriptor(), Epoll.IN, PagerLoop.WAKE_TOKEN);
    if (remote.eventDescriptor() >= 0) {
      epoll.add(remote.eventDescriptor(), Epoll.IN, PagerLoop.REMOTE_TOKEN);
    }
  }

  /** Starts the threads. Once. */
  public void start() {
    evictor.start();
    thread = Thread.ofPlatform().name("lego-pager").daemon(true).start(loop);
  }

  @Override
  public long nonce() {
    return nonce;
  }

  @Override
  public int attach(int uffd, AddressSpaceAgent agent, int pid) {
    return run(spaceCommands.attach(uffd, agent, pid));
  }

  @Override
  public int claim(int space, AddressSpaceAgent agent, int pid) {
    return run(spaceCommands.claim(space, agent, pid));
  }

  @Override
  public void unclaim(int space) {
    run(spaceCommands.unclaim(space));
  }

  @Override
  public void settle() {
    run(spaceCommands.settle());
  }

  @Override
  public AddressSpaceModel model(int number) {
    Space space = table.find(number);
    return space == null ? null : space.model;
  }

  @Override
  public int register(int number, long start, long end, boolean mayBePopulated) {
    Space space = table.find(number);
    if (space == null) {
      return -Errno.ESRCH;
    }
    if (!space.enter()) {
      return -Errno.ESRCH;
    }
    int result;
    try {
      result = callers.get().register(space.uffd, start, end - start, REGISTER_MODE);
    } finally {
      space.leave();
    }
    if (result == 0 && Beacon.isIn(start >>> 12, end >>> 12)) {
      run(spaceCommands.beacon(number));
    }
    if (result == 0 && mayBePopulated) {
      return run(rangeCommands.adopt(number, start >>> 12, end >>> 12));
    }
    return result;
  }

  @Override
  public void hold(int space, long start, long end) {
    run(rangeCommands.hold(space, start >>> 12, end >>> 12));
  }

  @Override
  public void release(int space, long start, long end) {
    run(rangeCommands.release(space, start >>> 12, end >>> 12));
  }

  @Override
  public void drop(int space, long start, long end) {
    run(rangeCommands.drop(space, start >>> 12, end >>> 12));
  }

  @Override
  public void move(int space, long from, long to, long length) {
    run(rangeCommands.move(space, from >>> 12, to >>> 12, length >>> 12));
  }

  @Override
  public void keep(int space, long start, long end) {
    run(localCommands.keep(space, start >>> 12, end >>> 12));
  }

  @Override
  public int localize(int space, long start, long end) {
    return run(localCommands.localize(space, start >>> 12, end >>> 12));
  }

  @Override
  public int userfaultfd(int number) {
    Space space = table.find(number);
    return space == null ? -1 : space.uffd;
  }

  /** Ends a space whatever lives in it; its userfaultfd is closed. For tests. */
  void detach(int space) {
    run(spaceCommands.detach(space));
  }

  @Override
  public long bytesInUse() {
    return state.counters.get(ProcessorCounter.IN_USE_BYTES);
  }

  /** Has the pager thread do something, and waits for it. */
  int run(Command command) {
    if (closed || !commands.offer(command)) {
      throw new IllegalStateException(
          command + (closed ? ": the pager is closed" : ": more than 1024 commands wait"));
    }
    wake.signal();
    if (loop.failure() != null) {
      commands.abandonNew(loop.failure());
    }
    return command.await(config.commandTimeoutNs());
  }

  /** Ends the threads. Faults that wait are not served any more. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    loop.stop();
    try {
      thread.join(5_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    evictor.stop();
    if (!thread.isAlive()) {
      commands.abandonAll("the pager is closed");
    }
    if (!thread.isAlive()) {
      release();
    }
  }

  private void release() {
    state.uffd.close();
    evictor.close();
    epoll.close();
    wake.close();
    state.cache.close();
  }
}
