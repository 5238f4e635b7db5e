package io.splitkernel.scomponent.store;

import io.splitkernel.ffi.Errno;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * Bytes in memory that know what was synced: a crash takes back the last of the changes since then,
 * in their order. Changes more than {@link #JOURNAL_MAX} back count as written by the kernel on its
 * own. Any thread.
 */
final class MemoryBackingFile implements BackingFile {
  /** Changes that can be taken back. */
  static final int JOURNAL_MAX = 256;

  private static final int PAGE = CheckedLayout.BLOCK;
  private static final byte[] NONE = {};

  /** Pages by number; those that are missing are zeros. */
  private final TreeMap<Long, byte[]> pages = new TreeMap<>();

  private final Deque<Change> journal = new ArrayDeque<>();
  private long size;

  /** What a change has replaced: the length, and pages, {@link #NONE} for those not there. */
  private record Change(long size, TreeMap<Long, byte[]> pages) {}

  private Change begin() {
    if (journal.size() == JOURNAL_MAX) {
      journal.removeFirst();
    }
    Change change = new Change(size, new TreeMap<>());
    journal.addLast(change);
    return change;
  }

  private void remember(Change change, long number) {
    byte[] page = pages.get(number);
    change.pages.put(number, page == null ? NONE : page.clone());
  }

  @Override
  public synchronized int read(long offset, MemorySegment into) {
    int want = (int) Math.clamp(size - offset, 0, into.byteSize());
    for (int done = 0; done < want; ) {
      int at = (int) ((offset + done) % PAGE);
      int length = Math.min(want - done, PAGE - at);
      byte[] page = pages.get((offset + done) / PAGE);
      if (page == null) {
        into.asSlice(done, length).fill((byte) 0);
      } else {
        MemorySegment.copy(page, at, into, ValueLayout.JAVA_BYTE, done, length);
      }
      done += length;
    }
    return want;
  }

  @Override
  public synchronized int write(long offset, MemorySegment from) {
    int want = (int) from.byteSize();
    Change change = begin();
    for (int done = 0; done < want; ) {
      long number = (offset + done) / PAGE;
      int at = (int) ((offset + done) % PAGE);
      int length = Math.min(want - done, PAGE - at);
      remember(change, number);
      byte[] page = pages.computeIfAbsent(number, n -> new byte[PAGE]);
      MemorySegment.copy(from, ValueLayout.JAVA_BYTE, done, page, at, length);
      done += length;
    }
    size = Math.max(size, offset + want);
    return want;
  }

  @Override
  public synchronized long size() {
    return size;
  }

  @Override
  public synchronized int setSize(long sizeBytes) {
    Change change = begin();
    zero(change, sizeBytes, Long.MAX_VALUE);
    size = sizeBytes;
    return 0;
  }

  /** Takes pages away, and clears parts of the first and last. */
  private void zero(Change change, long from, long to) {
    long first = from / PAGE;
    long last = (to - 1) / PAGE;
    for (Long number : pages.subMap(first, true, last, true).keySet().toArray(Long[]::new)) {
      remember(change, number);
      int head = (int) Math.max(from - number * PAGE, 0);
      int tail = (int) Math.min(to - number * PAGE, PAGE);
      if (head == 0 && tail == PAGE) {
        pages.remove(number);
      } else {
        Arrays.fill(pages.get(number), head, tail, (byte) 0);
      }
    }
  }

  @Override
  public synchronized int allocate(int flags, long offset, long lengthBytes) {
    if (flags == PUNCH_HOLE) {
      zero(begin(), offset, offset + lengthBytes);
      return 0;
    }
    return flags == KEEP_SIZE ? 0 : -Errno.EOPNOTSUPP;
  }

  @Override
  public synchronized int sync(boolean dataOnly) {
    journal.clear();
    return 0;
  }

  /** Space that it takes, bytes. */
  synchronized long allocatedBytes() {
    return (long) pages.size() * PAGE;
  }

  /**
   * Loses changes that were not synced.
   *
   * @param random says how many of them stay, or null for none.
   */
  synchronized void crash(RandomGenerator random) {
    int kept = random == null ? 0 : random.nextInt(journal.size() + 1);
    while (journal.size() > kept) {
      Change change = journal.removeLast();
      size = change.size;
      change.pages.forEach(this::restore);
    }
    journal.clear();
  }

  private void restore(long number, byte[] page) {
    if (page.length == 0) {
      pages.remove(number);
    } else {
      pages.put(number, page);
    }
  }

  @Override
  public int writeOut() {
    return 0;
  }

  @Override
  public void close() {}
}
