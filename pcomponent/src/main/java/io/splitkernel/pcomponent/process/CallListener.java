package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.Layout;
import io.splitkernel.ffi.SeccompListener;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;

/**
 * The thread that answers the calls that the filter reports. It also gives the agent of a forked
 * child its userfaultfd, when the agent asks for it.
 */
final class CallListener implements Runnable, AutoCloseable {
  private static final int CALL_GET_UFFD = (int) Layout.of("LEGO_CALL_GET_UFFD");
  private static final long POLL_NS = 200_000_000L;
  private static final long DEFERRED_POLL_NS = 200_000L;
  private static final long DEFERRED_NS_MAX = 10_000_000_000L;

  private final Arena arena = Arena.ofShared();
  private final int fd;
  private final SeccompListener listener;
  private final TaskTable tasks;
  private final MemoryCalls calls;
  private final Failures failures;
  private final ArrayDeque<PendingCall> deferred = new ArrayDeque<>();
  private final Thread thread;
  private volatile boolean closed;

  /**
   * A call into an address space whose agent is still on its way. It must not be waited for here:
   * the agent of a forked child asks this very thread for its userfaultfd before it is ready.
   */
  private static final class PendingCall {
    private final long sinceNs = System.nanoTime();
    private final long id;
    private final int tid;
    private final int architecture;
    private final int number;
    private final TracedProcess process;
    private final TracedSpace space;
    private final long[] arguments = new long[6];

    PendingCall(SeccompListener from, TracedProcess process, TracedSpace space) {
      this.id = from.id();
      this.tid = from.tid();
      this.architecture = from.architecture();
      this.number = from.number();
      this.process = process;
      this.space = space;
      for (int i = 0; i < arguments.length; i++) {
        arguments[i] = from.argument(i);
      }
    }
  }

  /**
   * @param fd listener descriptor, owned from now on.
   */
  CallListener(int fd, TaskTable tasks, MemoryCalls calls, Failures failures) {
    this.fd = fd;
    this.listener = new SeccompListener(fd, arena);
    this.tasks = tasks;
    this.calls = calls;
    this.failures = failures;
    this.thread = Thread.ofPlatform().daemon().name("lego-calls").unstarted(this);
  }

  void start() {
    thread.start();
  }

  @Override
  public void run() {
    FileDescriptor.ReadablePoll poll = new FileDescriptor.ReadablePoll(arena, fd);
    while (!closed) {
      long waitNs = deferred.isEmpty() ? POLL_NS : DEFERRED_POLL_NS;
      if (poll.await(waitNs) > 0 && !closed) {
        if (listener.receive() == 0) {
          serve();
        } else if (poll.isHungUp()) {
          return; // nobody is left under the filter
        }
      }
      serveDeferred();
    }
  }

  /** Carries out what waited for its agent, in the order of arrival; those that still wait stay. */
  private void serveDeferred() {
    for (int left = deferred.size(); left > 0; left--) {
      PendingCall call = deferred.remove();
      boolean late = System.nanoTime() - call.sinceNs > DEFERRED_NS_MAX;
      if (late || call.space.agent().isReady()) {
        carryOut(call);
      } else {
        deferred.add(call);
      }
    }
  }

  private void serve() {
    long id = listener.id();
    int tid = listener.tid();
    if (listener.number() == CALL_GET_UFFD) {
      TracedSpace space = tasks.agent(tid);
      long result = space == null ? -1 : listener.install(id, space.userfaultfd(), 0);
      listener.answer(id, result);
      return;
    }
    TracedProcess process = tasks.process(tid);
    TracedSpace space = process == null ? null : process.space();
    if (space == null) {
      listener.proceed(id);
      return;
    }
    PendingCall call = new PendingCall(listener, process, space);
    if (space.agent().isReady()) {
      carryOut(call);
    } else {
      deferred.add(call);
    }
  }

  private void carryOut(PendingCall call) {
    long result;
    try {
      result = calls.carryOut(call.space, call.tid, call.architecture, call.number, call.arguments);
    } catch (RuntimeException e) {
      failures.lego(
          "memory call " + call.number + " of thread " + call.tid + ": " + e.getMessage());
      ProcessKiller.kill(call.process.pid());
      result = -Errno.ENOMEM;
    }
    if (result == MemoryCalls.PROCEED) {
      listener.proceed(call.id);
    } else {
      listener.answer(call.id, result);
    }
  }

  /** Ends the thread; call when no task is left. */
  @Override
  public void close() {
    closed = true;
    try {
      thread.join(2_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    FileDescriptor.close(fd);
    if (!thread.isAlive()) {
      arena.close();
    }
  }
}
