package io.splitkernel.fabric.both;

import io.splitkernel.fabric.ConnectionRequest;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.Listener;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A listener of each provider at one port. A thread for each takes what comes and puts it where
 * {@link #accept} finds it; when a few requests wait, the rest stay with the providers.
 */
final class BothListener implements Listener {
  private static final int WAITING_MAX = 8;
  private static final long ACCEPT_NS = 1_000_000_000L;
  private static final Duration JOIN_TIME = Duration.ofSeconds(5);

  private final BothFabric fabric;
  private final Listener near;
  private final Listener far;
  private final ArrayDeque<ConnectionRequest> waiting = new ArrayDeque<>();
  private final List<Thread> threads;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private FabricException failure;
  private boolean closed;

  BothListener(BothFabric fabric, Listener near, Listener far) {
    this.fabric = fabric;
    this.near = near;
    this.far = far;
    int port = far.address().port();
    this.threads =
        List.of(
            Thread.ofPlatform().daemon().name("near-" + port).unstarted(() -> take(near, true)),
            Thread.ofPlatform().daemon().name("far-" + port).unstarted(() -> take(far, false)));
  }

  void start() {
    threads.forEach(Thread::start);
  }

  private void take(Listener from, boolean nearSide) {
    try {
      while (!from.isClosed()) {
        ConnectionRequest request = from.accept(ACCEPT_NS);
        if (request != null) {
          offer(new BothRequest(fabric, request, nearSide));
        }
      }
    } catch (FabricException e) {
      fail(e);
    }
  }

  private void offer(ConnectionRequest request) {
    lock.lock();
    try {
      while (!closed && waiting.size() >= WAITING_MAX) {
        changed.awaitUninterruptibly();
      }
      if (!closed) {
        waiting.add(request);
        changed.signalAll();
        return;
      }
    } finally {
      lock.unlock();
    }
    request.reject("the listener is closed");
  }

  private void fail(FabricException e) {
    lock.lock();
    try {
      failure = e;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Far's: by it peers on other machines can reach this one. */
  @Override
  public FabricAddress address() {
    return far.address();
  }

  @Override
  public ConnectionRequest accept(long timeoutNs) throws FabricException {
    lock.lock();
    try {
      long left = timeoutNs;
      while (waiting.isEmpty() && !closed && left > 0) {
        if (failure != null) {
          throw failure;
        }
        left = changed.awaitNanos(left);
      }
      changed.signalAll();
      return waiting.poll();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    List<ConnectionRequest> left;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      left = List.copyOf(waiting);
      waiting.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    left.forEach(request -> request.reject("the listener is closed"));
    near.close();
    far.close();
    for (Thread thread : threads) {
      join(thread);
    }
    fabric.forget(this);
  }

  private static void join(Thread thread) {
    try {
      thread.join(JOIN_TIME);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
