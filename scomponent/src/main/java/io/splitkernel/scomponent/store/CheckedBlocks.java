package io.splitkernel.scomponent.store;

import static io.splitkernel.scomponent.store.CheckedLayout.BLOCK;
import static io.splitkernel.scomponent.store.CheckedLayout.BLOCKS_PER_GROUP;
import static io.splitkernel.scomponent.store.CheckedLayout.ENTRY;
import static io.splitkernel.scomponent.store.CheckedLayout.backing;
import static io.splitkernel.scomponent.store.CheckedLayout.backingSize;
import static io.splitkernel.scomponent.store.CheckedLayout.blocks;

import io.splitkernel.ffi.Errno;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.BitSet;

/**
 * Blocks and entries of a {@link CheckedFile}, which guards it: one writer, or any number of
 * readers. Ranges lie in one group.
 */
final class CheckedBlocks {
  private final BackingFile file;
  private final Complaints complaints;
  private final ThreadLocal<Scratch> scratches;

  /** Groups in which the second value of each entry is known to be that of the content. */
  private final BitSet settled = new BitSet();

  private volatile long size;

  CheckedBlocks(BackingFile file, Complaints complaints, ThreadLocal<Scratch> scratches) {
    this.file = file;
    this.complaints = complaints;
    this.scratches = scratches;
    this.size = CheckedLayout.contentSize(file.size());
  }

  long size() {
    return size;
  }

  /** Cuts or extends the backing file to a length of the content. */
  int setSize(long newSize) {
    int result = file.setSize(backingSize(newSize));
    if (result == 0) {
      size = newSize;
    }
    return result;
  }

  /** From this group on nothing is known. */
  void unsettle(int group) {
    settled.clear(group, Math.max(group, settled.length()));
  }

  /** Reads and verifies; 0 or an error. */
  int read(long offset, MemorySegment into) {
    Scratch scratch = scratches.get();
    long end = offset + into.byteSize();
    long first = offset / BLOCK;
    int count = (int) ((end + BLOCK - 1) / BLOCK - first);
    int result = readEntries(first, count, scratch.entries);
    if (result < 0) {
      return result;
    }
    boolean whole = offset % BLOCK == 0 && (end % BLOCK == 0 || end == size);
    long from = first * BLOCK;
    long to = Math.min((first + count) * BLOCK, size);
    MemorySegment data = whole ? into : scratch.data(to - from);
    result = file.read(backing(from), data);
    if (result != data.byteSize()) {
      return result < 0 ? result : complaints.bad(from + result, "the backing file is too short");
    }
    result = verify(first, count, scratch, data);
    if (result == 0 && !whole) {
      MemorySegment.copy(data, offset - from, into, 0, into.byteSize());
    }
    return result;
  }

  /**
   * As {@link #read}, of whole blocks and of what is in memory; the length, or -EAGAIN where it
   * takes {@link #read} to know.
   */
  int readNow(long offset, MemorySegment into) {
    Scratch scratch = scratches.get();
    long length = into.byteSize();
    long first = offset / BLOCK;
    int count = (int) (length / BLOCK);
    MemorySegment entries = scratch.entries.asSlice(0, (long) count * ENTRY);
    boolean good =
        file.readNow(CheckedLayout.entry(first), entries, scratch.readNow) == entries.byteSize()
            && file.readNow(backing(offset), into, scratch.readNow) == length
            && firstBad(count, scratch, into) < 0;
    return good ? (int) length : -Errno.EAGAIN;
  }

  private int verify(long first, int count, Scratch scratch, MemorySegment data) {
    int bad = firstBad(count, scratch, data);
    return bad < 0 ? 0 : bad(first + bad);
  }

  /** The first block that does not match its entry, or -1. */
  private static int firstBad(int count, Scratch scratch, MemorySegment data) {
    scratch.sums.ofBlocks(data);
    for (int i = 0; i < count; i++) {
      int sum = scratch.sums.ofBlock(i);
      if (sum != scratch.old(i) && sum != scratch.now(i)) {
        return i;
      }
    }
    return -1;
  }

  private int bad(long block) {
    return complaints.bad(block * BLOCK, "the block does not match its checksum");
  }

  private int readEntries(long first, int count, MemorySegment entries) {
    MemorySegment into = entries.asSlice(0, (long) count * ENTRY);
    int got = file.read(CheckedLayout.entry(first), into);
    if (got >= 0 && got < into.byteSize()) {
      into.asSlice(got).fill((byte) 0);
    }
    return got;
  }

  private int writeEntries(long first, int count, MemorySegment entries) {
    MemorySegment from = entries.asSlice(0, (long) count * ENTRY);
    int result = file.write(CheckedLayout.entry(first), from);
    return result < 0 ? result : result == from.byteSize() ? 0 : -Errno.ENOSPC;
  }

  /** Entries become those of zeros. */
  int clearEntries(long first, int count) {
    MemorySegment entries = scratches.get().entries;
    entries.fill((byte) 0);
    return count == 0 ? 0 : writeEntries(first, count, entries);
  }

  /** Writes; a count, which may be short in whole blocks, or an error. */
  int write(long offset, MemorySegment from) {
    Scratch scratch = scratches.get();
    long end = offset + from.byteSize();
    long first = offset / BLOCK;
    int count = (int) ((end + BLOCK - 1) / BLOCK - first);
    int result = settle((int) (first / BLOCKS_PER_GROUP));
    result = result < 0 ? result : readEntries(first, count, scratch.entries);
    int cut = offset % BLOCK == 0 ? 0 : 1; // blocks that begin before the range
    if (cut < count) {
      scratch.sums.ofBlocks(from.asSlice((first + cut) * BLOCK - offset));
    }
    for (int i = 0; i < count && result >= 0; i++) {
      long block = first + i;
      int head = (int) Math.max(offset - block * BLOCK, 0);
      int tail = (int) Math.min(end - block * BLOCK, BLOCK);
      int present = present(block);
      scratch.old(i, present == 0 ? 0 : scratch.now(i));
      if (head == 0 && tail >= present) {
        scratch.now(i, scratch.sums.ofBlock(i - cut));
      } else {
        int at = (int) (block * BLOCK + head - offset);
        result = merged(block, present, i, head, from.asSlice(at, tail - head));
      }
    }
    return result < 0 ? result : put(offset, from, first, count, scratch);
  }

  /** Bytes of a block that are before the end of the file. */
  private int present(long block) {
    return Math.clamp(size - block * BLOCK, 0, BLOCK);
  }

  /** The sum of a block of which a part is written. */
  private int merged(long block, int present, int i, int head, MemorySegment part) {
    Scratch scratch = scratches.get();
    MemorySegment old = scratch.block;
    old.fill((byte) 0);
    if (present > 0) {
      int got = file.read(backing(block * BLOCK), old.asSlice(0, present));
      if (got < 0) {
        return got;
      }
      if (got < present || scratch.sums.of(old) != scratch.old(i)) {
        return bad(block);
      }
    }
    ByteBuffer before = old.asByteBuffer();
    int length = (int) part.byteSize();
    scratch.sums.begin().add(before, 0, head).add(part.asByteBuffer(), 0, length);
    scratch.now(i, scratch.sums.add(before, head + length, BLOCK).end(BLOCK));
    return 0;
  }

  private int put(long offset, MemorySegment from, long first, int count, Scratch scratch) {
    int group = (int) (first / BLOCKS_PER_GROUP);
    settled.clear(group);
    int result = writeEntries(first, count, scratch.entries);
    if (result < 0) {
      return result;
    }
    result = file.write(backing(offset), from);
    if (result == from.byteSize()) {
      settled.set(group);
      size = Math.max(size, offset + result);
      return result;
    }
    return cutShort(offset, result);
  }

  /** Part of a write, or none of it, is there: whole blocks count. */
  private int cutShort(long offset, int result) {
    long end = offset + Math.max(result, 0);
    long whole = end / BLOCK * BLOCK;
    long newSize = Math.max(size, whole);
    if (file.size() > backingSize(newSize)) {
      file.setSize(backingSize(newSize));
    }
    size = newSize;
    int done = (int) Math.max(whole - offset, 0);
    return done > 0 ? done : result < 0 ? result : -Errno.ENOSPC;
  }

  /** Whole blocks become zeros, and a hole where the file system makes holes. */
  int zero(long first, int count) {
    Scratch scratch = scratches.get();
    int group = (int) (first / BLOCKS_PER_GROUP);
    int result = settle(group);
    result = result < 0 ? result : readEntries(first, count, scratch.entries);
    if (result < 0) {
      return result;
    }
    for (int i = 0; i < count; i++) {
      scratch.old(i, scratch.now(i));
      scratch.now(i, 0);
    }
    settled.clear(group);
    result = writeEntries(first, count, scratch.entries);
    if (result < 0) {
      return result;
    }
    long from = backing(first * BLOCK);
    long bytes = Math.min((long) count * BLOCK, size - first * BLOCK);
    result = file.allocate(BackingFile.PUNCH_HOLE, from, bytes);
    for (long at = 0; result != 0 && at < bytes; at += BLOCK) {
      MemorySegment zeros = scratch.block.asSlice(0, Math.min(BLOCK, bytes - at)).fill((byte) 0);
      int written = file.write(from + at, zeros);
      if (written != zeros.byteSize()) {
        return written < 0 ? written : -Errno.ENOSPC;
      }
    }
    settled.set(group);
    return 0;
  }

  /**
   * Before the first write into a group by this process: a process that died may have left entries
   * whose second value is not that of the content.
   */
  int settle(int group) {
    if (settled.get(group)) {
      return 0;
    }
    Scratch scratch = scratches.get();
    long first = (long) group * BLOCKS_PER_GROUP;
    int count = Math.clamp(blocks(size) - first, 0, BLOCKS_PER_GROUP);
    int result = readEntries(first, count, scratch.entries);
    for (int i = 0; i < count && result >= 0; i++) {
      if (scratch.old(i) != scratch.now(i)) {
        result = settleBlock(first + i, i, scratch);
      }
    }
    if (result >= 0) {
      settled.set(group);
    }
    return Math.min(result, 0);
  }

  private int settleBlock(long block, int i, Scratch scratch) {
    MemorySegment content = scratch.block.asSlice(0, present(block));
    int result = file.read(backing(block * BLOCK), content);
    if (result < 0) {
      return result;
    }
    int sum = scratch.sums.of(content);
    if (sum != scratch.old(i) || sum == scratch.now(i)) {
      return 0; // a bad block stays one, and can be written as a whole
    }
    scratch.now(i, sum);
    return writeEntries(block, 1, scratch.entries.asSlice((long) i * ENTRY, ENTRY));
  }

  /** The last block is about to lose its tail. */
  int sumUpTo(long block, int rest) {
    Scratch scratch = scratches.get();
    int result = settle((int) (block / BLOCKS_PER_GROUP));
    result = result < 0 ? result : readEntries(block, 1, scratch.entries);
    MemorySegment content = scratch.block.asSlice(0, present(block));
    result = result < 0 ? result : file.read(backing(block * BLOCK), content);
    if (result < 0) {
      return result;
    }
    int sum = scratch.sums.of(content);
    if (result < content.byteSize() || sum != scratch.now(0)) {
      return bad(block);
    }
    scratch.old(0, sum);
    scratch.now(0, scratch.sums.of(content.asSlice(0, rest)));
    return writeEntries(block, 1, scratch.entries);
  }
}
