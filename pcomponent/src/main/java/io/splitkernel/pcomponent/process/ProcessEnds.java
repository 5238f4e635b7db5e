package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Epoll;
import io.splitkernel.ffi.EventFd;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.PidFd;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells of the end of processes, by a pidfd for each, and of the whole family: nobody is left under
 * the filter when its listener hangs up. One thread, {@code lego-ends}.
 */
final class ProcessEnds implements AutoCloseable {
  private static final long TICK_NS = 1_000_000_000L;
  private static final int WAKE = -1;
  private static final int LISTENER = -2;

  private final Epoll epoll = new Epoll(64);
  private final EventFd wake = new EventFd();
  private final Map<Integer, Integer> pidByDescriptor = new ConcurrentHashMap<>();
  private final Set<Integer> unwatched = ConcurrentHashMap.newKeySet();
  private final Ended onEnd;
  private final Runnable onFamilyEnd;
  private final Thread thread;
  private volatile boolean closed;

  /** Told of each watched process that has ended. */
  interface Ended {
    /**
     * A process has ended.
     *
     * @param pid its number.
     * @param status as wait(2) has it, or 0 when that is not known.
     */
    void onProcessEnded(int pid, int status);
  }

  /**
   * @param onEnd told of each watched process that has ended.
   * @param onFamilyEnd told once that nobody is left.
   */
  ProcessEnds(Ended onEnd, Runnable onFamilyEnd) {
    this.onEnd = onEnd;
    this.onFamilyEnd = onFamilyEnd;
    epoll.add(wake.descriptor(), Epoll.IN, WAKE);
    this.thread = Thread.ofPlatform().daemon().name("lego-ends").unstarted(this::run);
  }

  /** Starts the thread; {@code listener} is watched for its hang-up. */
  void start(int listener) {
    epoll.add(listener, 0, LISTENER);
    thread.start();
  }

  /**
   * Watches a process; one that has ended already is told about like the others. Without a free
   * descriptor it is looked at once a second.
   */
  void watch(int pid) {
    int descriptor = PidFd.open(pid);
    if (descriptor < 0) {
      unwatched.add(pid);
      wake.signal();
      return;
    }
    pidByDescriptor.put(descriptor, pid);
    if (epoll.add(descriptor, Epoll.IN, descriptor) < 0) {
      pidByDescriptor.remove(descriptor);
      FileDescriptor.close(descriptor);
      unwatched.add(pid);
    }
  }

  private void run() {
    while (!closed) {
      int count = epoll.await(TICK_NS);
      for (int i = 0; i < count; i++) {
        int token = epoll.token(i);
        if (token == LISTENER) {
          onFamilyEnd.run();
          return;
        } else if (token == WAKE) {
          wake.drain();
        } else {
          ended(token);
        }
      }
      lookAtUnwatched();
    }
  }

  private void lookAtUnwatched() {
    for (Iterator<Integer> it = unwatched.iterator(); it.hasNext(); ) {
      int pid = it.next();
      if (TaskState.hasEnded(pid)) {
        it.remove();
        onEnd.onProcessEnded(pid, TaskState.waitStatus(pid));
      }
    }
  }

  private void ended(int descriptor) {
    epoll.remove(descriptor);
    Integer pid = pidByDescriptor.remove(descriptor);
    int status = pid == null ? 0 : status(pid, descriptor);
    FileDescriptor.close(descriptor);
    if (pid != null) {
      onEnd.onProcessEnded(pid, status);
    }
  }

  /** The kernel tells it by the one way before the parent has collected it, by the other after. */
  private static int status(int pid, int descriptor) {
    int uncollected = TaskState.waitStatus(pid);
    return uncollected != 0 ? uncollected : Math.max(0, PidFd.waitStatus(descriptor));
  }

  @Override
  public void close() {
    closed = true;
    wake.signal();
    try {
      thread.join(2_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!thread.isAlive()) {
      pidByDescriptor.keySet().forEach(FileDescriptor::close);
      epoll.close();
      wake.close();
    }
  }
}
