package io.splitkernel.scomponent.store;

import static io.splitkernel.scomponent.store.CheckedLayout.BLOCK;
import static io.splitkernel.scomponent.store.CheckedLayout.BLOCKS_PER_GROUP;
import static io.splitkernel.scomponent.store.CheckedLayout.ENTRY;
import static io.splitkernel.scomponent.store.CheckedLayout.GROUP_CONTENT;
import static io.splitkernel.scomponent.store.CheckedLayout.backing;
import static io.splitkernel.scomponent.store.CheckedLayout.backingSize;
import static io.splitkernel.scomponent.store.CheckedLayout.blocks;
import static io.splitkernel.scomponent.store.CheckedLayout.contentSize;

import io.splitkernel.ffi.Errno;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file whose blocks have checksums, see {@link CheckedLayout}. Any thread; reads run side by
 * side. Whatever moment its process dies at, every block is found as it was or as it was written.
 */
final class CheckedFile implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CheckedFile.class);

  private final BackingFile file;
  private final String name;
  private final ThreadLocal<Scratch> scratches;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

  /** Groups in which the second value of each entry is known to be that of the content. */
  private final BitSet settled = new BitSet();

  private volatile long size;

  CheckedFile(BackingFile file, String name, ThreadLocal<Scratch> scratches) {
    this.file = file;
    this.scratches = scratches;
    this.name = name;
    this.size = contentSize(file.size());
  }

  long size() {
    return size;
  }

  int read(long offset, MemorySegment into) {
    if (offset < 0) {
      return -Errno.EINVAL;
    }
    lock.readLock().lock();
    try {
      int want = (int) Math.max(0, Math.min(into.byteSize(), size - offset));
      int done = 0;
      while (done < want) {
        int length = lengthInGroup(offset + done, want - done);
        int result = readInGroup(offset + done, into.asSlice(done, length));
        if (result < 0) {
          return done > 0 ? done : result;
        }
        done += length;
      }
      return done;
    } finally {
      lock.readLock().unlock();
    }
  }

  private static int lengthInGroup(long offset, long length) {
    return (int) Math.min(length, GROUP_CONTENT - offset % GROUP_CONTENT);
  }

  private int readInGroup(long offset, MemorySegment into) {
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
      return result < 0 ? result : bad(from + result, "the backing file is too short");
    }
    result = verify(first, count, scratch, data);
    if (result == 0 && !whole) {
      MemorySegment.copy(data, offset - from, into, 0, into.byteSize());
    }
    return result;
  }

  private int verify(long first, int count, Scratch scratch, MemorySegment data) {
    ByteBuffer bytes = data.asByteBuffer();
    for (int i = 0; i < count; i++) {
      int at = i * BLOCK;
      int end = (int) Math.min(at + BLOCK, data.byteSize());
      int sum = scratch.sums.begin().add(bytes, at, end).end(end - at);
      if (sum != scratch.old(i) && sum != scratch.now(i)) {
        return bad((first + i) * BLOCK, "the block does not match its checksum");
      }
    }
    return 0;
  }

  private int bad(long offset, String why) {
    LOG.error("{} at offset {}: {}; EIO", name, offset, why);
    return -Errno.EIO;
  }

  private int readEntries(long first, int count, MemorySegment entries) {
    MemorySegment into = entries.asSlice(0, (long) count * ENTRY);
    int got = file.read(CheckedLayout.entry(first), into);
    if (got >= 0 && got < into.byteSize()) {
      into.asSlice(got).fill((byte) 0);
    }
    return got;
  }

  int write(long offset, MemorySegment from) {
    if (offset < 0) {
      return -Errno.EINVAL;
    }
    if (offset + from.byteSize() > CheckedLayout.SIZE_MAX) {
      return -Errno.EFBIG;
    }
    lock.writeLock().lock();
    try {
      int done = 0;
      long before = size;
      int result = from.byteSize() == 0 ? 0 : closeGap(offset);
      while (result >= 0 && done < from.byteSize()) {
        int length = lengthInGroup(offset + done, from.byteSize() - done);
        result = writeInGroup(offset + done, from.asSlice(done, length));
        done += Math.max(result, 0);
        if (result >= 0 && result < length) {
          break;
        }
      }
      if (done == 0 && size > before) {
        cut(before); // the gap alone is not wanted
      }
      return done > 0 || result >= 0 ? done : result;
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** Blocks between the end and where a write begins become zeros. */
  private int closeGap(long offset) {
    return offset / BLOCK > blocks(size) ? extend(offset / BLOCK * BLOCK) : 0;
  }

  private int writeInGroup(long offset, MemorySegment from) {
    Scratch scratch = scratches.get();
    long end = offset + from.byteSize();
    long first = offset / BLOCK;
    int count = (int) ((end + BLOCK - 1) / BLOCK - first);
    int result = settle((int) (first / BLOCKS_PER_GROUP));
    result = result < 0 ? result : readEntries(first, count, scratch.entries);
    ByteBuffer bytes = from.asByteBuffer();
    for (int i = 0; i < count && result >= 0; i++) {
      long block = first + i;
      int head = (int) Math.max(offset - block * BLOCK, 0);
      int tail = (int) Math.min(end - block * BLOCK, BLOCK);
      int at = (int) (block * BLOCK + head - offset);
      long present = Math.min(Math.max(size - block * BLOCK, 0), BLOCK);
      scratch.old(i, present == 0 ? 0 : scratch.now(i));
      if (head == 0 && tail >= present) {
        scratch.now(i, scratch.sums.begin().add(bytes, at, at + tail).end(tail));
      } else {
        result = merged(block, (int) present, i, head, bytes, at, tail - head);
      }
    }
    if (result < 0) {
      return result;
    }
    return put(offset, from, first, count, scratch);
  }

  /** The sum of a block of which a part is written. */
  private int merged(
      long block, int present, int i, int head, ByteBuffer bytes, int at, int length) {
    Scratch scratch = scratches.get();
    MemorySegment old = scratch.block;
    old.fill((byte) 0);
    if (present > 0) {
      int got = file.read(backing(block * BLOCK), old.asSlice(0, present));
      if (got < 0) {
        return got;
      }
      if (got < present || scratch.sums.of(old) != scratch.old(i)) {
        return bad(block * BLOCK, "the block does not match its checksum");
      }
    }
    ByteBuffer before = old.asByteBuffer();
    scratch.sums.begin().add(before, 0, head).add(bytes, at, at + length);
    scratch.now(i, scratch.sums.add(before, head + length, BLOCK).end(BLOCK));
    return 0;
  }

  private int put(long offset, MemorySegment from, long first, int count, Scratch scratch) {
    int group = (int) (first / BLOCKS_PER_GROUP);
    MemorySegment entries = scratch.entries.asSlice(0, (long) count * ENTRY);
    settled.clear(group);
    int result = file.write(CheckedLayout.entry(first), entries);
    if (result != entries.byteSize()) {
      return result < 0 ? result : -Errno.ENOSPC;
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

  /**
   * Before the first write into a group by this process: a process that died may have left entries
   * whose second value is not that of the content.
   */
  private int settle(int group) {
    if (settled.get(group)) {
      return 0;
    }
    Scratch scratch = scratches.get();
    long first = (long) group * BLOCKS_PER_GROUP;
    int count = (int) Math.max(0, Math.min(BLOCKS_PER_GROUP, blocks(size) - first));
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
    int present = (int) Math.min(BLOCK, size - block * BLOCK);
    MemorySegment content = scratch.block.asSlice(0, present);
    int result = file.read(backing(block * BLOCK), content);
    if (result < 0) {
      return result;
    }
    int sum = scratch.sums.of(content);
    if (sum != scratch.old(i) && sum != scratch.now(i)) {
      return 0; // a bad block stays one, and can be written as a whole
    }
    if (sum == scratch.now(i)) {
      return 0;
    }
    scratch.old(i, sum);
    scratch.now(i, sum);
    return file.write(CheckedLayout.entry(block), scratch.entries.asSlice((long) i * ENTRY, ENTRY));
  }

  int setSize(long newSize) {
    if (newSize < 0) {
      return -Errno.EINVAL;
    }
    if (newSize > CheckedLayout.SIZE_MAX) {
      return -Errno.EFBIG;
    }
    lock.writeLock().lock();
    try {
      if (newSize > size) {
        return extend(newSize);
      }
      return newSize < size ? cut(newSize) : 0;
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** Entries behind the end may be left from a longer file, so they are cleared first. */
  private int extend(long newSize) {
    long first = blocks(size);
    int left = (int) (BLOCKS_PER_GROUP - first % BLOCKS_PER_GROUP);
    if (size > 0 && left < BLOCKS_PER_GROUP) {
      int count = (int) Math.min(left, blocks(newSize) - first);
      MemorySegment zeros = scratches.get().entries.asSlice(0, (long) count * ENTRY);
      zeros.fill((byte) 0);
      int result = count == 0 ? 0 : file.write(CheckedLayout.entry(first), zeros);
      if (result != zeros.byteSize()) {
        return result < 0 ? result : -Errno.ENOSPC;
      }
    }
    int result = file.setSize(backingSize(newSize));
    if (result == 0) {
      size = newSize;
    }
    return result;
  }

  private int cut(long newSize) {
    int rest = (int) (newSize % BLOCK);
    int group = (int) (newSize / GROUP_CONTENT);
    if (rest != 0) {
      int result = settle(group);
      result = result < 0 ? result : sumUpTo(newSize / BLOCK, rest);
      if (result < 0) {
        return result;
      }
    }
    int result = file.setSize(backingSize(newSize));
    if (result == 0) {
      size = newSize;
      settled.clear(group + 1, Math.max(group + 1, settled.length()));
    } else {
      settled.clear(group);
    }
    return result;
  }

  /** The last block is about to lose its tail. */
  private int sumUpTo(long block, int rest) {
    Scratch scratch = scratches.get();
    int present = (int) Math.min(BLOCK, size - block * BLOCK);
    int result = readEntries(block, 1, scratch.entries);
    MemorySegment content = scratch.block.asSlice(0, present);
    result = result < 0 ? result : file.read(backing(block * BLOCK), content);
    if (result < 0) {
      return result;
    }
    int sum = scratch.sums.of(content);
    if (sum != scratch.now(0)) {
      return bad(block * BLOCK, "the block does not match its checksum");
    }
    scratch.old(0, sum);
    scratch.now(0, scratch.sums.of(content.asSlice(0, rest)));
    result = file.write(CheckedLayout.entry(block), scratch.entries.asSlice(0, ENTRY));
    return Math.min(result, 0);
  }

  /** Makes zeros of a range, and holes of its whole blocks. */
  int punch(long offset, long lengthBytes) {
    lock.writeLock().lock();
    try {
      long end = Math.min(offset + lengthBytes, size);
      long at = offset;
      MemorySegment zeros = Scratch.zeros();
      while (at < end) {
        int length = lengthInGroup(at, Math.min(end - at, zeros.byteSize()));
        int result = writeInGroup(at, zeros.asSlice(0, length));
        if (result <= 0) {
          return result < 0 ? result : -Errno.ENOSPC;
        }
        if (at % BLOCK == 0 && length % BLOCK == 0) {
          file.allocate(3, backing(at), length);
        }
        at += result;
      }
      return 0;
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** Reserves space; a file that is not to keep its length grows to the end of the range. */
  int reserve(long offset, long lengthBytes, boolean keepSize) {
    long end = offset + lengthBytes;
    if (end > CheckedLayout.SIZE_MAX) {
      return -Errno.EFBIG;
    }
    lock.writeLock().lock();
    try {
      long from = CheckedLayout.entry(offset / BLOCK / BLOCKS_PER_GROUP * BLOCKS_PER_GROUP);
      int result = file.allocate(1, from, backingSize(end) - from);
      return result == 0 && !keepSize && end > size ? extend(end) : result;
    } finally {
      lock.writeLock().unlock();
    }
  }

  int sync(boolean dataOnly) {
    return file.sync(dataOnly);
  }

  @Override
  public void close() {
    file.close();
  }
}
