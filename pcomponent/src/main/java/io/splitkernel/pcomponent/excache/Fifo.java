package io.splitkernel.pcomponent.excache;

/**
 * A first-in-first-out list of small numbers whose links live in a shared {@link LongTable} (next
 * in the low half, previous in the high half). A number is in at most one list. O(1), one thread.
 */
final class Fifo {
  static final int NONE = -1;

  private final LongTable links;
  private int head = NONE;
  private int tail = NONE;
  private int size;

  Fifo(LongTable links) {
    this.links = links;
  }

  int size() {
    return size;
  }

  /** The oldest, or {@link #NONE}. */
  int head() {
    return head;
  }

  /** The one after, or {@link #NONE}. */
  int next(int i) {
    return (int) links.get(i);
  }

  /** The one before, or {@link #NONE}. */
  int previous(int i) {
    return (int) (links.get(i) >> 32);
  }

  private void link(int i, int previous, int next) {
    links.set(i, ((long) previous << 32) | (next & 0xFFFF_FFFFL));
  }

  /** Appends at the young end. */
  void addTail(int i) {
    link(i, tail, NONE);
    if (tail == NONE) {
      head = i;
    } else {
      link(tail, previous(tail), i);
    }
    tail = i;
    size++;
  }

  /** Puts behind one that is in the list. */
  void addAfter(int before, int i) {
    int next = next(before);
    if (next == NONE) {
      addTail(i);
      return;
    }
    link(i, before, next);
    link(before, previous(before), i);
    link(next, i, next(next));
    size++;
  }

  /** Puts at the old end. */
  void addHead(int i) {
    link(i, NONE, head);
    if (head == NONE) {
      tail = i;
    } else {
      link(head, i, next(head));
    }
    head = i;
    size++;
  }

  /** Takes one out, wherever it is. */
  void remove(int i) {
    int previous = previous(i);
    int next = next(i);
    if (previous == NONE) {
      head = next;
    } else {
      link(previous, previous(previous), next);
    }
    if (next == NONE) {
      tail = previous;
    } else {
      link(next, previous, next(next));
    }
    size--;
  }

  /** Takes the oldest out, or {@link #NONE}. */
  int poll() {
    int i = head;
    if (i != NONE) {
      remove(i);
    }
    return i;
  }
}
