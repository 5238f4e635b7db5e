package io.splitkernel.mcomponent.filecache;

/** The slots of each file, as lists through two arrays. Innermost lock: the list's. */
final class SlotLists {
  private static final int NONE = -1;

  private final int[] next;
  private final int[] previous;

  SlotLists(int slots) {
    next = new int[slots];
    previous = new int[slots];
  }

  void add(CachedFile.SlotList list, int slot) {
    synchronized (list) {
      next[slot] = list.head;
      previous[slot] = NONE;
      if (list.head != NONE) {
        previous[list.head] = slot;
      }
      list.head = slot;
      list.count++;
    }
  }

  void remove(CachedFile.SlotList list, int slot) {
    synchronized (list) {
      if (previous[slot] == NONE) {
        list.head = next[slot];
      } else {
        next[previous[slot]] = next[slot];
      }
      if (next[slot] != NONE) {
        previous[next[slot]] = previous[slot];
      }
      list.count--;
    }
  }

  /** The slots of a file now, in no order. */
  int[] slots(CachedFile.SlotList list) {
    synchronized (list) {
      int[] slots = new int[list.count];
      int i = 0;
      for (int slot = list.head; slot != NONE; slot = next[slot]) {
        slots[i++] = slot;
      }
      return slots;
    }
  }
}
