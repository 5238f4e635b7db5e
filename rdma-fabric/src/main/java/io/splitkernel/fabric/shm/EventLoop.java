package io.splitkernel.fabric.shm;

import io.splitkernel.fabric.FabricException;
import io.splitkernel.ffi.Epoll;
import io.splitkernel.ffi.EventFd;
import io.splitkernel.ffi.FileDescriptor;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** The one thread of a fabric: waits for sockets, runs tasks, keeps deadlines. */
final class EventLoop implements AutoCloseable {
  /** Reacts to a readable (or ended) descriptor. */
  interface Handler {
    void onReady();
  }

  /** Work with deadlines, done at every turn of the loop. */
  interface Duty {
    /**
     * Does what is due; the time until it must be called again, {@code Long.MAX_VALUE} for never.
     */
    long doWork(long nowNs);
  }

  private static final int EVENTS_MAX = 64;
  private static final int DOORBELL = 1;
  private static final long AFTER_FAILURE_NS = 100_000_000L;
  private static final long SLEEP_MAX_NS = 60_000_000_000L;

  private final Epoll epoll;
  private final int doorbellFd;
  private final ConcurrentHashMap<Integer, Handler> handlers = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final CopyOnWriteArrayList<Duty> duties = new CopyOnWriteArrayList<>();
  private final AtomicInteger tokens = new AtomicInteger(DOORBELL + 1);
  private final Thread thread;
  private volatile boolean stopped;
  private volatile boolean ended;
  private long sleepNs;

  private EventLoop(Epoll epoll, int doorbellFd, String name) {
    this.epoll = epoll;
    this.doorbellFd = doorbellFd;
    this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
  }

  static EventLoop start(String name) throws FabricException {
    int doorbell = EventFd.create();
    try {
      Epoll epoll = new Epoll(EVENTS_MAX);
      if (doorbell < 0 || epoll.add(doorbell, Epoll.IN, DOORBELL) < 0) {
        epoll.close();
        throw new IllegalStateException("eventfd(): no descriptor left; raise ulimit -n");
      }
      EventLoop loop = new EventLoop(epoll, doorbell, name);
      loop.thread.start();
      return loop;
    } catch (IllegalStateException e) {
      FileDescriptor.close(doorbell);
      throw new FabricException("starting the fabric's event thread: " + e.getMessage(), e);
    }
  }

  int doorbellFd() {
    return doorbellFd;
  }

  boolean isEventThread() {
    return Thread.currentThread() == thread;
  }

  /** Watches a descriptor; its token, or 0 when the kernel refused. */
  int register(int fd, Handler handler) {
    int token = tokens.getAndIncrement();
    handlers.put(token, handler);
    if (epoll.add(fd, Epoll.IN, token) < 0) {
      handlers.remove(token);
      return 0;
    }
    return token;
  }

  void replace(int token, Handler handler) {
    handlers.put(token, handler);
  }

  void unregister(int token, int fd) {
    handlers.remove(token);
    epoll.remove(fd);
  }

  void watchWritable(int token, int fd, boolean writable) {
    epoll.modify(fd, writable ? Epoll.IN | Epoll.OUT : Epoll.IN, token);
  }

  void add(Duty duty) {
    duties.add(duty);
  }

  void remove(Duty duty) {
    duties.remove(duty);
  }

  /** Runs a task soon on the event thread. */
  void execute(Runnable task) {
    tasks.add(task);
    wakeUp();
  }

  /** Makes the loop turn once; never blocks. */
  void wakeUp() {
    if (!ended) {
      EventFd.signal(doorbellFd);
    }
  }

  private void run() {
    while (!stopped) {
      int count = epoll.await(sleepNs);
      for (int i = 0; i < count; i++) {
        dispatch(epoll.token(i));
      }
      runTasks();
      guarded(this::doDuties);
    }
    runTasks();
    ended = true;
    epoll.close();
    FileDescriptor.close(doorbellFd);
  }

  private void dispatch(int token) {
    if (token == DOORBELL) {
      EventFd.drain(doorbellFd);
      return;
    }
    Handler handler = handlers.get(token);
    if (handler != null) {
      guarded(handler::onReady);
    }
  }

  private void runTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      guarded(task);
    }
  }

  private void doDuties() {
    sleepNs = AFTER_FAILURE_NS;
    long next = SLEEP_MAX_NS;
    long now = System.nanoTime();
    for (Duty duty : duties) {
      next = Math.min(next, duty.doWork(now));
    }
    sleepNs = next;
  }

  /** A broken callback must not end the thread that every connection depends on. */
  private static void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | AssertionError e) {
      Thread current = Thread.currentThread();
      Thread.UncaughtExceptionHandler handler = current.getUncaughtExceptionHandler();
      if (handler != null) {
        handler.uncaughtException(current, e);
      }
    }
  }

  /** Stops the thread and waits for it, unless it is the caller itself. */
  @Override
  public void close() {
    stopped = true;
    wakeUp();
    if (!isEventThread()) {
      boolean interrupted = false;
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
