package io.splitkernel.pcomponent.fault;

import java.util.Arrays;

/**
 * Faults that are to be served later, oldest first: a ring that grows when it must. Pager thread.
 */
final class ParkedFaults {
  private long[] pages = new long[64];
  private long[] starts = new long[64];
  private int[] spaces = new int[64];
  private int[] kinds = new int[64];
  private int head;
  private int size;

  int size() {
    return size;
  }

  /** Appends a fault. */
  void add(int space, long page, int kind, long startNs) {
    if (size == pages.length) {
      grow();
    }
    int at = (head + size) & (pages.length - 1);
    pages[at] = page;
    starts[at] = startNs;
    spaces[at] = space;
    kinds[at] = kind;
    size++;
  }

  /** Page of the oldest. */
  long page() {
    return pages[head];
  }

  /** Space of the oldest. */
  int space() {
    return spaces[head];
  }

  /** Kind of the oldest. */
  int kind() {
    return kinds[head];
  }

  /** When the oldest was read. */
  long startNs() {
    return starts[head];
  }

  /** Takes the oldest out. */
  void remove() {
    head = (head + 1) & (pages.length - 1);
    size--;
  }

  private void grow() {
    int length = pages.length;
    long[] oldPages = pages;
    long[] oldStarts = starts;
    int[] oldSpaces = spaces;
    int[] oldKinds = kinds;
    pages = Arrays.copyOf(pages, length * 2);
    starts = Arrays.copyOf(starts, length * 2);
    spaces = Arrays.copyOf(spaces, length * 2);
    kinds = Arrays.copyOf(kinds, length * 2);
    for (int i = 0; i < length; i++) {
      int from = (head + i) & (length - 1);
      pages[i] = oldPages[from];
      starts[i] = oldStarts[from];
      spaces[i] = oldSpaces[from];
      kinds[i] = oldKinds[from];
    }
    head = 0;
  }
}
