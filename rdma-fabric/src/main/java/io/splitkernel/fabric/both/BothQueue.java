package io.splitkernel.fabric.both;

import io.splitkernel.fabric.CompletionBatch;
import io.splitkernel.fabric.CompletionQueue;
import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.ffi.Epoll;
import io.splitkernel.ffi.EventFd;
import io.splitkernel.ffi.FileDescriptor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/**
 * A queue of each provider behind one descriptor. Which one is asked first alternates, so that a
 * busy one cannot keep the other waiting. Far is left alone until it has a connection here; a
 * thread that sleeps then is woken, and arms it.
 */
final class BothQueue implements CompletionQueue {
  /** A lost wake-up would cost this much instead of a hang. */
  private static final long SLEEP_MAX_NS = 200_000_000L;

  private static final int PRUNE_MIN = 16;

  private final BothFabric fabric;
  private final CompletionQueue near;
  private final CompletionQueue far;
  private final Epoll descriptors = new Epoll(1);
  private final EventFd news = new EventFd();
  private final FileDescriptor.ReadablePoll readable;
  private final List<Connection> feeding = new ArrayList<>();
  private int pruneAt = PRUNE_MIN;
  private volatile boolean farUsed;
  private volatile boolean told;
  private volatile boolean stopped;
  private boolean freed;
  private boolean farFirst;

  BothQueue(BothFabric fabric, CompletionQueue near, CompletionQueue far) throws FabricException {
    this.fabric = fabric;
    this.near = near;
    this.far = far;
    this.readable = new FileDescriptor.ReadablePoll(Arena.ofAuto(), descriptors.descriptor());
    watch(near.eventDescriptor());
    watch(far.eventDescriptor());
    watch(news.descriptor());
  }

  private void watch(int descriptor) throws FabricException {
    if (descriptor < 0 || descriptors.add(descriptor, Epoll.IN, 0) < 0) {
      free();
      throw new FabricException(
          "createCompletionQueue: no descriptor to wait on for " + descriptor);
    }
  }

  CompletionQueue near() {
    return near;
  }

  CompletionQueue far() {
    return far;
  }

  /** A connection feeds it from now on. Any thread. */
  void feed(Connection connection) {
    synchronized (feeding) {
      if (feeding.size() >= pruneAt) {
        feeding.removeIf(BothQueue::isClosed);
        pruneAt = Math.max(PRUNE_MIN, 2 * feeding.size());
      }
      feeding.add(connection);
    }
    if (!BothFabric.isNear(connection) && !farUsed) {
      farUsed = true;
      tell();
    }
  }

  private static boolean isClosed(Connection connection) {
    return connection.state() == Connection.State.CLOSED;
  }

  /**
   * Wakes whoever sleeps. The flag comes last, so that it is never down while there is an event.
   */
  private void tell() {
    news.signal();
    told = true;
  }

  private void drainNews() {
    if (told) {
      told = false;
      news.drain();
    }
  }

  @Override
  public int poll(CompletionBatch batch) {
    batch.clear();
    if (stopped) {
      return 0;
    }
    if (!farUsed) {
      return near.poll(batch);
    }
    farFirst = !farFirst;
    (farFirst ? far : near).poll(batch);
    batch.hold();
    try {
      return (farFirst ? near : far).poll(batch);
    } finally {
      batch.release();
    }
  }

  @Override
  public boolean await(long timeoutNs) {
    long start = System.nanoTime();
    while (arm()) {
      long left = timeoutNs - (System.nanoTime() - start);
      if (left <= 0) {
        return false;
      }
      readable.await(Math.min(left, SLEEP_MAX_NS));
    }
    return !stopped;
  }

  @Override
  public int eventDescriptor() {
    return descriptors.descriptor();
  }

  @Override
  public boolean arm() {
    if (stopped) {
      return false;
    }
    drainNews();
    return near.arm() && (!farUsed || far.arm());
  }

  @Override
  public void acknowledge() {
    if (!stopped) {
      drainNews();
      near.acknowledge();
      if (farUsed) {
        far.acknowledge();
      }
    }
  }

  /** Wakes a thread that waits; none waits or finds anything any more. */
  void stop() {
    stopped = true;
    tell();
  }

  /** Gives its own descriptors back. Idempotent. */
  void free() {
    synchronized (feeding) {
      if (freed) {
        return;
      }
      freed = true;
    }
    descriptors.close();
    news.close();
    fabric.forget(this);
  }

  @Override
  public void close() {
    synchronized (feeding) {
      if (freed) {
        return;
      }
      feeding.removeIf(BothQueue::isClosed);
      if (!feeding.isEmpty()) {
        throw new IllegalStateException(
            feeding.size() + " connections still feed the completion queue; close them first");
      }
    }
    stop();
    far.close();
    near.close();
    free();
  }
}
