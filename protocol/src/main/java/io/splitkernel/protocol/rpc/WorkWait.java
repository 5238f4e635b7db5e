package io.splitkernel.protocol.rpc;

import io.splitkernel.fabric.CompletionQueue;
import io.splitkernel.ffi.Epoll;

/** Waits for messages of a connection and for its {@link ConnectionWork}. Its own thread only. */
final class WorkWait implements AutoCloseable {
  /** After as many messages without a pause the work has its turn. */
  private static final int MESSAGES_MAX = 16;

  private static final long LOOK_NS = 1_000_000L;

  private final CompletionQueue queue;
  private final ConnectionWork work;
  private Epoll epoll;
  private boolean looks;
  private int messages;

  /**
   * @param queue of the connection.
   * @param work of its handler.
   */
  WorkWait(CompletionQueue queue, ConnectionWork work) {
    this.queue = queue;
    this.work = work;
  }

  /** A message has come; a peer that sends without a pause keeps its own work waiting no longer. */
  void onMessage() {
    messages++;
    if (messages >= MESSAGES_MAX) {
      messages = 0;
      if (work.isPending()) {
        work.run();
      }
    }
  }

  /**
   * Waits until there may be something to poll, or some work was done.
   *
   * @return false after the time.
   */
  boolean await(long timeoutNs) {
    if (!work.isPending()) {
      return queue.await(timeoutNs);
    }
    messages = 0;
    if (work.run()) {
      return true;
    }
    if (!queue.arm()) {
      return queue.await(0);
    }
    if (epoll == null && !looks) {
      open();
    }
    return looks ? queue.await(Math.min(timeoutNs, LOOK_NS)) : epoll.await(timeoutNs) > 0;
  }

  /** Where no descriptor can be had for waiting for both, it is looked again and again. */
  private void open() {
    try {
      epoll = new Epoll(2);
      looks =
          epoll.add(queue.eventDescriptor(), Epoll.IN, 0) < 0
              || epoll.add(work.descriptor(), Epoll.IN, 1) < 0;
    } catch (IllegalStateException e) {
      looks = true; // no descriptor is left
    }
  }

  @Override
  public void close() {
    if (epoll != null) {
      epoll.close();
    }
  }
}
