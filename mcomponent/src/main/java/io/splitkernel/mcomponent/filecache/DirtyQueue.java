package io.splitkernel.mcomponent.filecache;

import java.util.ArrayDeque;
import java.util.Iterator;

/** Files with something unwritten, in the order in which it came. Any thread. */
final class DirtyQueue {
  private static final long LOOK_NS = 100_000_000;

  private final ArrayDeque<CachedFile> files = new ArrayDeque<>();
  private final DirtyBudget budget;
  private boolean closed;

  DirtyQueue(DirtyBudget budget) {
    this.budget = budget;
  }

  /**
   * Adds a file, unless it is here.
   *
   * @param file with something unwritten.
   * @param dueNs when to write it back at the latest, as {@link System#nanoTime}.
   */
  synchronized void add(CachedFile file, long dueNs) {
    if (!file.queued) {
      file.queued = true;
      file.dueNs = dueNs;
      files.add(file);
    }
  }

  /** Wakes whoever waits in {@link #take}. */
  synchronized void wake() {
    notifyAll();
  }

  /** Ends all waiting. */
  synchronized void close() {
    closed = true;
    notifyAll();
  }

  /**
   * Waits for a file that is due, or that must be written because there is too much. A file whose
   * write-back failed before is not due early.
   *
   * @return null after {@link #close}.
   */
  synchronized CachedFile take() {
    while (!closed) {
      CachedFile file = poll();
      if (file != null) {
        return file;
      }
      try {
        wait(LOOK_NS / 1_000_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return null;
      }
    }
    return null;
  }

  private CachedFile poll() {
    long now = System.nanoTime();
    boolean pressing = budget.pressing();
    for (Iterator<CachedFile> each = files.iterator(); each.hasNext(); ) {
      CachedFile file = each.next();
      if (now - file.dueNs >= 0 || (pressing && file.error == 0)) {
        each.remove();
        file.queued = false;
        return file;
      }
    }
    return null;
  }
}
