package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.Layout;
import io.splitkernel.ffi.SeccompListener;
import java.lang.foreign.Arena;

/**
 * The thread that answers the calls that the filter reports. It also gives the agent of a forked
 * child its userfaultfd, when the agent asks for it.
 */
final class CallListener implements Runnable, AutoCloseable {
  private static final int CALL_GET_UFFD = (int) Layout.of("LEGO_CALL_GET_UFFD");
  private static final long POLL_NS = 200_000_000L;

  private final Arena arena = Arena.ofShared();
  private final int fd;
  private final SeccompListener listener;
  private final TaskTable tasks;
  private final MemoryCalls calls;
  private final Failures failures;
  private final long[] arguments = new long[6];
  private final Thread thread;
  private volatile boolean closed;

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
      if (poll.await(POLL_NS) > 0 && !closed) {
        if (listener.receive() == 0) {
          serve();
        } else if (poll.isHungUp()) {
          return; // nobody is left under the filter
        }
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
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = listener.argument(i);
    }
    long result;
    try {
      result = calls.carryOut(space, tid, listener.number(), arguments);
    } catch (RuntimeException e) {
      failures.lego("memory call " + listener.number() + " of thread " + tid + ": " + e.getMessage());
      ProcessKiller.kill(process.pid());
      result = -Errno.ENOMEM;
    }
    if (result == MemoryCalls.PROCEED) {
      listener.proceed(id);
    } else {
      listener.answer(id, result);
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
