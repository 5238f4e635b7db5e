package io.splitkernel.pcomponent.fault;

import java.util.Arrays;

/** Ranges of pages of which nothing may change for now; they may overlap. Pager thread. */
final class Holds {
  private long[] from = new long[4];
  private long[] end = new long[4];
  private int count;

  /** None. */
  Holds() {}

  /** The same as others. */
  Holds(Holds other) {
    from = other.from.clone();
    end = other.end.clone();
    count = other.count;
  }

  boolean isEmpty() {
    return count == 0;
  }

  boolean covers(long page) {
    for (int i = 0; i < count; i++) {
      if (page >= from[i] && page < end[i]) {
        return true;
      }
    }
    return false;
  }

  void add(long firstPage, long endPage) {
    if (count == from.length) {
      from = Arrays.copyOf(from, count * 2);
      end = Arrays.copyOf(end, count * 2);
    }
    from[count] = firstPage;
    end[count] = endPage;
    count++;
  }

  /** Takes one hold of a range away, if there is one. */
  void remove(long firstPage, long endPage) {
    for (int i = 0; i < count; i++) {
      if (from[i] == firstPage && end[i] == endPage) {
        count--;
        from[i] = from[count];
        end[i] = end[count];
        return;
      }
    }
  }
}
