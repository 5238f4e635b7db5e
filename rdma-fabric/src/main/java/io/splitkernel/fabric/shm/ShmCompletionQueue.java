package io.splitkernel.fabric.shm;

import io.splitkernel.fabric.CompletionBatch;
import io.splitkernel.fabric.CompletionQueue;
import io.splitkernel.ffi.EventFd;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.RawMemory;
import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * A completion queue: a view over the queues of its connections, each of which holds its own
 * completions, so that it cannot overrun. Its word in the table says that its owner sleeps; whoever
 * completes something then writes its event descriptor.
 */
final class ShmCompletionQueue implements CompletionQueue {
  private static final VarHandle POLLING;
  private static final CompletionSource[] NO_SOURCES = {};

  /** A lost wake-up would cost this much instead of a hang. */
  private static final long SLEEP_MAX_NS = 200_000_000L;

  static {
    try {
      POLLING =
          MethodHandles.lookup().findVarHandle(ShmCompletionQueue.class, "polling", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final ShmFabric fabric;
  private final int number;
  private final int eventFd;
  private final long word;
  private final long spinNs;

  private final FileDescriptor.ReadablePoll readable;
  private final ArrayDeque<CompletionBatch> leftovers = new ArrayDeque<>();
  private volatile CompletionSource[] sources = NO_SOURCES;
  private volatile boolean hasLeftovers;
  private volatile boolean closed;
  private int leftoverNext;
  private int first;
  private long polling;

  ShmCompletionQueue(ShmFabric fabric, int number, int eventFd, long word, long spinNs) {
    this.fabric = fabric;
    this.number = number;
    this.eventFd = eventFd;
    this.word = word;
    this.spinNs = spinNs;
    this.readable = new FileDescriptor.ReadablePoll(Arena.ofAuto(), eventFd);
  }

  int number() {
    return number;
  }

  @Override
  public int poll(CompletionBatch batch) {
    batch.clear();
    enter();
    if (!closed) {
      if (RawMemory.getInt(word) != 0) {
        RawMemory.putInt(word, 0);
      }
      if (hasLeftovers) {
        drainLeftovers(batch);
      }
      drainSources(batch);
    }
    leave();
    return batch.count();
  }

  private void drainSources(CompletionBatch batch) {
    CompletionSource[] all = sources;
    int n = all.length;
    if (n == 0) {
      return;
    }
    int at = first < n ? first : 0;
    for (int i = 0; i < n && !batch.isFull(); i++) {
      all[at].drain(batch);
      at = at + 1 == n ? 0 : at + 1;
    }
    first = at;
  }

  private void drainLeftovers(CompletionBatch batch) {
    synchronized (leftovers) {
      while (!batch.isFull() && !leftovers.isEmpty()) {
        CompletionBatch from = leftovers.peek();
        while (!batch.isFull() && leftoverNext < from.count()) {
          int i = leftoverNext++;
          batch.add(
              from.wrId(i),
              from.status(i),
              from.opcode(i),
              from.lengthBytes(i),
              from.immediate(i),
              from.connectionNumber(i));
        }
        if (leftoverNext == from.count()) {
          leftovers.poll();
          leftoverNext = 0;
        }
      }
      hasLeftovers = !leftovers.isEmpty();
    }
  }

  private void enter() {
    POLLING.setRelease(this, polling + 1);
    VarHandle.fullFence();
  }

  private void leave() {
    POLLING.setRelease(this, polling + 1);
  }

  private boolean isReady() {
    enter();
    boolean ready = closed || hasLeftovers;
    CompletionSource[] all = sources;
    for (int i = 0; i < all.length && !ready; i++) {
      ready = all[i].isReady();
    }
    leave();
    return ready;
  }

  @Override
  public boolean await(long timeoutNs) {
    if (isReady()) {
      return !closed;
    }
    long start = System.nanoTime();
    while (System.nanoTime() - start < Math.min(spinNs, timeoutNs)) {
      Thread.onSpinWait();
      if (isReady()) {
        return !closed;
      }
    }
    while (arm()) {
      long left = timeoutNs - (System.nanoTime() - start);
      if (left <= 0) {
        return false;
      }
      readable.await(Math.min(left, SLEEP_MAX_NS));
    }
    return !closed;
  }

  @Override
  public int eventDescriptor() {
    return eventFd;
  }

  @Override
  public boolean arm() {
    if (closed) {
      return false;
    }
    EventFd.drain(eventFd);
    RawMemory.putIntFenced(word, 1);
    return !isReady();
  }

  @Override
  public void acknowledge() {
    if (!closed) {
      RawMemory.putInt(word, 0);
      EventFd.drain(eventFd);
    }
  }

  /**
   * Data path. Wakes the owner, once for each time that it was armed; a completion is published.
   */
  void signal() {
    VarHandle.fullFence();
    if (RawMemory.getInt(word) != 0) {
      RawMemory.putInt(word, 0); // before the signal: an owner that arms meanwhile is woken by it
      EventFd.signal(eventFd);
    }
  }

  synchronized void attach(CompletionSource source) {
    List<CompletionSource> all = new ArrayList<>(List.of(sources));
    all.add(source);
    sources = all.toArray(NO_SOURCES);
  }

  /** Takes a source out, and waits until the polling thread has let go of it. */
  synchronized void detach(CompletionSource source) {
    List<CompletionSource> all = new ArrayList<>(List.of(sources));
    all.remove(source);
    sources = all.toArray(NO_SOURCES);
    awaitPoller();
  }

  private void awaitPoller() {
    VarHandle.fullFence();
    long seen = (long) POLLING.getAcquire(this);
    while ((seen & 1) == 1 && (long) POLLING.getAcquire(this) == seen) {
      Thread.onSpinWait();
    }
  }

  /** Takes over the completions of a connection that is being closed. */
  void keep(CompletionBatch completions) {
    if (completions.count() > 0 && !closed) {
      synchronized (leftovers) {
        leftovers.add(completions);
        hasLeftovers = true;
      }
      signal();
    }
  }

  /** A thread is stuck in await no longer, and none enters any more. */
  void shutDown() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    EventFd.signal(eventFd);
    awaitPoller();
    fabric.forget(this);
    FileDescriptor.close(eventFd);
  }

  @Override
  public void close() {
    if (sources.length > 0) {
      throw new IllegalStateException(
          "completion queue " + number + " still serves connections; close them first");
    }
    shutDown();
  }
}
