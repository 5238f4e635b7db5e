package io.splitkernel.fabric.sim;

import io.splitkernel.fabric.CompletionBatch;
import io.splitkernel.fabric.CompletionQueue;
import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.Opcode;
import java.util.ArrayDeque;

/** Completions in order of arrival; holds all that its connections can have outstanding. */
final class SimCompletionQueue implements CompletionQueue {
  /** One completion, and what polling it sets free. */
  record Entry(
      SimConnection connection,
      long wrId,
      CompletionStatus status,
      Opcode opcode,
      int lengthBytes,
      int immediate,
      Runnable onPolled) {}

  private final SimFabric fabric;
  private final ArrayDeque<Entry> entries = new ArrayDeque<>();
  private int feeders;
  private boolean closed;

  SimCompletionQueue(SimFabric fabric) {
    this.fabric = fabric;
  }

  void add(Entry entry) {
    if (!closed) {
      entries.add(entry);
    }
  }

  void attach() {
    feeders++;
  }

  void detach() {
    feeders--;
  }

  @Override
  public int poll(CompletionBatch batch) {
    batch.clear();
    synchronized (fabric.network()) {
      if (!fabric.network().isStepped()) {
        fabric.network().settle();
      }
      while (!batch.isFull() && !entries.isEmpty()) {
        Entry next = entries.poll();
        next.onPolled().run();
        batch.add(
            next.wrId(),
            next.status(),
            next.opcode(),
            next.lengthBytes(),
            next.immediate(),
            next.connection().number());
      }
      return batch.count();
    }
  }

  @Override
  public boolean await(long timeoutNs) {
    synchronized (fabric.network()) {
      long deadline = fabric.network().nanoTime() + timeoutNs;
      while (entries.isEmpty() && !closed) {
        if (!fabric.network().awaitChange(deadline)) {
          break;
        }
      }
      return !entries.isEmpty();
    }
  }

  @Override
  public int eventDescriptor() {
    return -1;
  }

  @Override
  public boolean arm() {
    synchronized (fabric.network()) {
      return entries.isEmpty();
    }
  }

  @Override
  public void acknowledge() {
    // there is no event descriptor
  }

  @Override
  public void close() {
    synchronized (fabric.network()) {
      if (feeders > 0) {
        throw new IllegalStateException(
            "the completion queue still serves connections; close them first");
      }
      closed = true;
      fabric.forget(this);
      fabric.network().notifyAll();
    }
  }
}
