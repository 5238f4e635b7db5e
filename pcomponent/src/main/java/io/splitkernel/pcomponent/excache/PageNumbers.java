package io.splitkernel.pcomponent.excache;

/** Page numbers that are given out and taken back, the last one first. Pager thread. */
final class PageNumbers implements AutoCloseable {
  private static final int INITIAL = 256;

  private final LongTable free = new LongTable(INITIAL);
  private long capacity = INITIAL;
  private long count;
  private long next = 1;

  /** A number that nobody has. */
  long take() {
    return count > 0 ? free.get(--count) : next++;
  }

  /** Gives a number back. */
  void give(long page) {
    if (count == capacity) {
      capacity *= 2;
      free.growTo(capacity);
    }
    free.set(count++, page);
  }

  /** Bytes of the table. */
  long tableBytes() {
    return free.bytes();
  }

  @Override
  public void close() {
    free.close();
  }
}
