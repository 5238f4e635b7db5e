package io.splitkernel.pcomponent.region;

import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.LocalKeys;
import io.splitkernel.fabric.WorkRequest;

/**
 * The data connection of one space into one memory component, with the requests collected for it.
 * Made by the control thread, used by the pager thread once it was handed over.
 */
final class DataLink {
  private static final int COLLECT_MAX = 64;

  private final Connection connection;
  private final MemoryStore store;
  private final int spaceNumber;
  private final int depth;
  private final LocalKeys frameKeys;
  private final WorkRequest[] collected = new WorkRequest[COLLECT_MAX];
  private int count;
  private int outstanding;
  private boolean queued;
  private int index;

  DataLink(
      Connection connection, MemoryStore store, int spaceNumber, int depth, LocalKeys frameKeys) {
    this.frameKeys = frameKeys;
    this.connection = connection;
    this.store = store;
    this.spaceNumber = spaceNumber;
    this.depth = depth;
    for (int i = 0; i < COLLECT_MAX; i++) {
      collected[i] = new WorkRequest();
    }
  }

  Connection connection() {
    return connection;
  }

  MemoryStore store() {
    return store;
  }

  int spaceNumber() {
    return spaceNumber;
  }

  /** Keys of the cache's frames on the connection. */
  LocalKeys frameKeys() {
    return frameKeys;
  }

  /** Work requests without completion. */
  int outstanding() {
    return outstanding;
  }

  /** Its number among the pager's links, 0 before it has one. */
  int index() {
    return index;
  }

  void index(int value) {
    index = value;
  }

  /** Whether one more request can be collected. */
  boolean hasRoom() {
    return outstanding < depth && (count < COLLECT_MAX || flush());
  }

  /** The next request to fill in; it counts as outstanding from now on. */
  WorkRequest collect() {
    outstanding++;
    return collected[count++];
  }

  /** Whether it is on the list of links to flush; remembers the new answer. */
  boolean queued(boolean now) {
    boolean before = queued;
    queued = now;
    return before;
  }

  void onCompletion() {
    outstanding--;
  }

  /**
   * Posts what was collected.
   *
   * @return false when something is left because the queue is full.
   */
  boolean flush() {
    if (count == 0) {
      return true;
    }
    int posted = connection.post(collected, count);
    if (posted < 0) {
      return false;
    }
    int left = count - posted;
    for (int i = 0; i < left; i++) {
      WorkRequest spare = collected[i];
      collected[i] = collected[posted + i];
      collected[posted + i] = spare;
    }
    count = left;
    return left == 0;
  }
}
