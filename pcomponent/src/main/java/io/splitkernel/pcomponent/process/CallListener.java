package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.SeccompListener;
import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * The threads that receive the calls which the filter reports. Whoever receives one carries it out;
 * while all are busy there is always one more that waits, so a process that cannot go on (frozen,
 * or stopped by a debugger) keeps nobody else's calls from being answered.
 */
final class CallListener implements AutoCloseable {
  private static final int THREADS_MAX = 512;

  private final int fd;
  private final Function<Arena, CallServer> servers;
  private final Failures failures;
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicInteger threads = new AtomicInteger();
  private volatile boolean closed;

  /**
   * @param fd listener descriptor, owned from now on.
   * @param servers makes what carries calls out, for one thread.
   */
  CallListener(int fd, Function<Arena, CallServer> servers, Failures failures) {
    this.fd = fd;
    this.servers = servers;
    this.failures = failures;
    new SeccompListener(fd, Arena.global()).wakeCallersAtOnce();
  }

  void start() {
    addThread();
  }

  private void addThread() {
    int number = threads.incrementAndGet();
    if (number > THREADS_MAX) {
      threads.decrementAndGet();
      return;
    }
    waiting.incrementAndGet();
    Thread.ofPlatform().daemon().name("lego-calls-" + number).start(this::run);
  }

  private void run() {
    try (Arena arena = Arena.ofConfined()) {
      SeccompListener listener = new SeccompListener(fd, arena);
      try (CallServer server = servers.apply(arena)) {
        while (!closed) {
          long result = listener.receive();
          if (result == 0) {
            if (waiting.decrementAndGet() == 0) {
              addThread();
            }
            server.serve(new Call(listener));
            waiting.incrementAndGet();
          } else if (result != -Errno.EINTR && FileDescriptor.isHungUp(fd)) {
            return; // nobody is left under the filter
          }
        }
      }
    } catch (RuntimeException | Error e) {
      failures.fatal("the thread that answers memory calls failed: " + e);
    }
  }

  /** Ends the threads; call when no task is left. */
  @Override
  public void close() {
    closed = true;
    FileDescriptor.close(fd);
  }
}
