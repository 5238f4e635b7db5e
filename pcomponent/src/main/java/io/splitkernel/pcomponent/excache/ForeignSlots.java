package io.splitkernel.pcomponent.excache;

import java.util.function.LongPredicate;

/**
 * Remote slots that pages other than their owner refer to, after a fork or a move. A record names
 * the slot, (space, page), and counts the page entries that refer to it; a hash finds the record of
 * a slot. When the owner is about to overwrite the slot its content is carried elsewhere and the
 * record renamed: the referrers need not be found. Numbers start at 1. Pager thread.
 */
public final class ForeignSlots implements AutoCloseable {
  /** No record. */
  public static final int NONE = 0;

  private static final int SPACE_SHIFT = 48;
  private static final long PAGE_MASK = (1L << 47) - 1;
  private static final int INITIAL = 1024;

  private LongTable slots = new LongTable(INITIAL);
  private LongTable counts = new LongTable(INITIAL);
  private LongTable buckets = new LongTable(INITIAL * 2L);
  private int capacity = INITIAL;
  private int fresh = 1;
  private int freeHead;
  private int used;
  private final int[] perSpace;

  /**
   * @param spacesMax first space number beyond the largest.
   */
  public ForeignSlots(int spacesMax) {
    perSpace = new int[spacesMax];
  }

  private static long key(int space, long page) {
    return ((long) space << SPACE_SHIFT) | page;
  }

  private long bucket(long key) {
    long mixed = key * 0x9E3779B97F4A7C15L;
    return (mixed ^ (mixed >>> 32)) & (capacity * 2L - 1);
  }

  // counts: low half = referrers, high half = next record of the bucket (or of the free list)

  /** Record of a slot, or {@link #NONE}. */
  public int find(int space, long page) {
    long key = key(space, page);
    int record = (int) buckets.get(bucket(key));
    while (record != NONE && slots.get(record) != key) {
      record = (int) (counts.get(record) >>> 32);
    }
    return record;
  }

  /** Refers to a slot once more, making its record when there is none. */
  public int refer(int space, long page) {
    int record = find(space, page);
    if (record == NONE) {
      record = take();
      slots.set(record, key(space, page));
      counts.set(record, 0);
      insert(record);
      perSpace[space]++;
      used++;
    }
    counts.set(record, counts.get(record) + 1);
    return record;
  }

  /** Refers to a record once more. */
  public void referAgain(int record) {
    counts.set(record, counts.get(record) + 1);
  }

  /**
   * Ends one reference.
   *
   * @return true when that was the last one: the record is gone.
   */
  public boolean release(int record) {
    long left = counts.get(record) - 1;
    assert (int) left >= 0 : "foreign slot " + record + " released too often";
    counts.set(record, left);
    if ((int) left > 0) {
      return false;
    }
    unlink(record);
    perSpace[space(record)]--;
    used--;
    counts.set(record, (long) freeHead << 32);
    freeHead = record;
    return true;
  }

  /** The content of a record's slot is in another slot from now on. */
  public void rename(int record, int space, long page) {
    unlink(record);
    perSpace[space(record)]--;
    slots.set(record, key(space, page));
    perSpace[space]++;
    insert(record);
  }

  /** Space that owns the slot of a record. */
  public int space(int record) {
    return (int) (slots.get(record) >>> SPACE_SHIFT);
  }

  /** Page that names the slot of a record. */
  public long page(int record) {
    return slots.get(record) & PAGE_MASK;
  }

  /** References to a record. */
  public int references(int record) {
    return (int) counts.get(record);
  }

  /** Records whose slot a space owns. */
  public int ownedBy(int space) {
    return perSpace[space];
  }

  /** Records in use. */
  public int size() {
    return used;
  }

  /** Whether any record of the table satisfies a condition; for checks, slow. */
  boolean any(LongPredicate condition) {
    for (int i = 1; i < fresh; i++) {
      if (references(i) > 0 && condition.test(i)) {
        return true;
      }
    }
    return false;
  }

  private int take() {
    if (freeHead != NONE) {
      int record = freeHead;
      freeHead = (int) (counts.get(record) >>> 32);
      return record;
    }
    if (fresh == capacity) {
      grow();
    }
    return fresh++;
  }

  private void insert(int record) {
    long bucket = bucket(slots.get(record));
    long next = buckets.get(bucket);
    counts.set(record, (counts.get(record) & 0xFFFF_FFFFL) | (next << 32));
    buckets.set(bucket, record);
  }

  private void unlink(int record) {
    long bucket = bucket(slots.get(record));
    int at = (int) buckets.get(bucket);
    long next = counts.get(record) >>> 32;
    if (at == record) {
      buckets.set(bucket, next);
      return;
    }
    while ((int) (counts.get(at) >>> 32) != record) {
      at = (int) (counts.get(at) >>> 32);
    }
    counts.set(at, (counts.get(at) & 0xFFFF_FFFFL) | (next << 32));
  }

  private void grow() {
    int bigger = capacity * 2;
    if (bigger > PageEntry.FOREIGN_MAX) {
      throw new IllegalStateException(
          "more than " + PageEntry.FOREIGN_MAX + " pages shared by fork or moved");
    }
    slots.growTo(bigger);
    counts.growTo(bigger);
    buckets.close();
    capacity = bigger;
    buckets = new LongTable(capacity * 2L);
    for (int i = 1; i < fresh; i++) {
      if (references(i) > 0) {
        insert(i);
      }
    }
  }

  /** Bytes of the tables. */
  long tableBytes() {
    return slots.bytes() + counts.bytes() + buckets.bytes();
  }

  @Override
  public void close() {
    slots.close();
    counts.close();
    buckets.close();
  }
}
