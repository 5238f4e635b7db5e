package io.splitkernel.pcomponent.excache;

import java.util.Arrays;

/** A set of page numbers: open addressing, grows when half full. O(1), one thread. */
public final class PageSet {
  private static final long FREE = -1;

  private long[] slots;
  private int size;

  /** An empty set. */
  public PageSet() {
    slots = empty(16);
  }

  /** A copy of another set. */
  public PageSet(PageSet other) {
    slots = other.slots.clone();
    size = other.size;
  }

  private static long[] empty(int capacity) {
    long[] slots = new long[capacity];
    Arrays.fill(slots, FREE);
    return slots;
  }

  private int home(long page) {
    long mixed = page * 0x9E3779B97F4A7C15L;
    return (int) (mixed >>> 32) & (slots.length - 1);
  }

  /** Pages in the set. */
  public int size() {
    return size;
  }

  private int find(long page) {
    int at = home(page);
    while (slots[at] != FREE && slots[at] != page) {
      at = (at + 1) & (slots.length - 1);
    }
    return at;
  }

  /** Whether a page is in the set. */
  public boolean contains(long page) {
    return size > 0 && slots[find(page)] == page;
  }

  /** Puts a page in. */
  public void add(long page) {
    int at = find(page);
    if (slots[at] == page) {
      return;
    }
    slots[at] = page;
    size++;
    if (size * 2 > slots.length) {
      grow();
    }
  }

  private void grow() {
    long[] old = slots;
    slots = empty(old.length * 2);
    for (long page : old) {
      if (page != FREE) {
        slots[find(page)] = page;
      }
    }
  }

  /** Takes the pages of a range out. */
  public void removeRange(long from, long end) {
    if (end - from <= slots.length) {
      for (long page = from; page < end && size > 0; page++) {
        remove(page);
      }
      return;
    }
    long[] old = slots;
    slots = empty(old.length);
    size = 0;
    for (long page : old) {
      if (page != FREE && (page < from || page >= end)) {
        add(page);
      }
    }
  }

  /** Takes a page out; those that collided with it move up. */
  private void remove(long page) {
    int hole = find(page);
    if (slots[hole] == FREE) {
      return;
    }
    size--;
    int at = hole;
    while (true) {
      at = (at + 1) & (slots.length - 1);
      if (slots[at] == FREE) {
        slots[hole] = FREE;
        return;
      }
      int distance = (at - home(slots[at])) & (slots.length - 1);
      if (distance >= ((at - hole) & (slots.length - 1))) {
        slots[hole] = slots[at];
        hole = at;
      }
    }
  }
}
