package io.splitkernel.scomponent.store;

import static io.splitkernel.scomponent.store.CheckedLayout.BLOCK;
import static io.splitkernel.scomponent.store.CheckedLayout.BLOCKS_PER_GROUP;
import static io.splitkernel.scomponent.store.CheckedLayout.GROUP_CONTENT;
import static io.splitkernel.scomponent.store.CheckedLayout.SIZE_MAX;
import static io.splitkernel.scomponent.store.CheckedLayout.backingSize;
import static io.splitkernel.scomponent.store.CheckedLayout.blocks;

import io.splitkernel.ffi.Errno;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A file whose blocks have checksums, see {@link CheckedLayout}. Any thread; reads run side by
 * side. Whatever moment its process dies at, every block is found as it was or as it was written.
 */
final class CheckedFile implements AutoCloseable {
  private final BackingFile file;
  private final Complaints complaints;
  private final CheckedBlocks blocks;
  private final ReadAhead ahead;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

  /** One whose disk does not read ahead. */
  CheckedFile(BackingFile file, String volume, ThreadLocal<Scratch> scratches) {
    this(file, volume, scratches, 0);
  }

  CheckedFile(
      BackingFile file, String volume, ThreadLocal<Scratch> scratches, long readAheadBytes) {
    this.file = file;
    this.complaints = new Complaints(volume);
    this.blocks = new CheckedBlocks(file, complaints, scratches);
    this.ahead = new ReadAhead(file, readAheadBytes);
  }

  /** Where it is said to be now, for the log: a file may be renamed while it is open. */
  void path(String now) {
    complaints.path(now);
  }

  long size() {
    return blocks.size();
  }

  /** Reads all, or up to the end; an error anywhere is an error, since less would mean the end. */
  int read(long offset, MemorySegment into) {
    if (offset < 0) {
      return -Errno.EINVAL;
    }
    lock.readLock().lock();
    try {
      int want = (int) Math.clamp(blocks.size() - offset, 0, into.byteSize());
      ahead.onRead(offset, want, blocks.size());
      int done = 0;
      while (done < want) {
        int length = lengthInGroup(offset + done, want - done);
        int result = blocks.read(offset + done, into.asSlice(done, length));
        if (result < 0) {
          return result;
        }
        done += length;
      }
      return done;
    } finally {
      lock.readLock().unlock();
    }
  }

  /**
   * As {@link #read}, without waiting for a writer or the device; -EAGAIN where it would have to.
   */
  int readNow(long offset, MemorySegment into) {
    long length = into.byteSize();
    if (!isReadable(offset, length)) {
      return -Errno.EAGAIN;
    }
    if (!lock.readLock().tryLock()) {
      return -Errno.EAGAIN;
    }
    try {
      return isReadable(offset, length) ? blocks.readNow(offset, into) : -Errno.EAGAIN;
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Whether {@link #readNow} is for it: whole blocks of one group, before the end. */
  boolean isReadable(long offset, long length) {
    return offset >= 0
        && length > 0
        && (offset | length) % BLOCK == 0
        && length == lengthInGroup(offset, length)
        && offset <= blocks.size() - length;
  }

  /** Whether {@link #readNow} may succeed once the bytes are in memory. */
  boolean isFetchable(long offset, long length) {
    return file.tells() && !lock.isWriteLocked() && isReadable(offset, length);
  }

  private static int lengthInGroup(long offset, long length) {
    return (int) Math.min(length, GROUP_CONTENT - offset % GROUP_CONTENT);
  }

  /** Writes; a count, short in whole blocks, or an error. */
  int write(long offset, MemorySegment from) {
    if (offset < 0) {
      return -Errno.EINVAL;
    }
    if (offset > SIZE_MAX - from.byteSize()) {
      return -Errno.EFBIG;
    }
    lock.writeLock().lock();
    try {
      int done = 0;
      long before = blocks.size();
      int result = from.byteSize() == 0 ? 0 : closeGap(offset);
      while (result >= 0 && done < from.byteSize()) {
        int length = lengthInGroup(offset + done, from.byteSize() - done);
        result = blocks.write(offset + done, from.asSlice(done, length));
        done += Math.max(result, 0);
        if (result >= 0 && result < length) {
          break;
        }
      }
      if (done == 0 && blocks.size() > before) {
        cut(before); // the gap alone is not wanted
      }
      return done > 0 || result >= 0 ? done : result;
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** Blocks between the end and where a write begins become zeros. */
  private int closeGap(long offset) {
    return offset / BLOCK > blocks(blocks.size()) ? extend(offset / BLOCK * BLOCK) : 0;
  }

  /** Cuts, or extends by zeros. */
  int setSize(long newSize) {
    if (newSize < 0) {
      return -Errno.EINVAL;
    }
    if (newSize > SIZE_MAX) {
      return -Errno.EFBIG;
    }
    lock.writeLock().lock();
    try {
      long size = blocks.size();
      return newSize > size ? extend(newSize) : newSize < size ? cut(newSize) : 0;
    } finally {
      lock.writeLock().unlock();
    }
  }

  /**
   * Entries behind the end may be left from a longer file, so they are cleared first. Those of a
   * group without content can only be left from a first write that failed; they know zeros.
   */
  private int extend(long newSize) {
    long first = blocks(blocks.size());
    int left = (int) (BLOCKS_PER_GROUP - first % BLOCKS_PER_GROUP);
    if (left < BLOCKS_PER_GROUP) {
      int result = blocks.clearEntries(first, (int) Math.min(left, blocks(newSize) - first));
      if (result < 0) {
        return result;
      }
    } else {
      blocks.unsettle((int) (first / BLOCKS_PER_GROUP));
    }
    return blocks.setSize(newSize);
  }

  private int cut(long newSize) {
    int rest = (int) (newSize % BLOCK);
    int group = (int) (newSize / GROUP_CONTENT);
    int result = rest == 0 ? 0 : blocks.sumUpTo(newSize / BLOCK, rest);
    if (result < 0) {
      return result;
    }
    result = blocks.setSize(newSize);
    blocks.unsettle(result == 0 ? group + 1 : group);
    return result;
  }

  /** Makes zeros of a range, and holes of its whole blocks. */
  int punch(long offset, long lengthBytes) {
    lock.writeLock().lock();
    try {
      long size = blocks.size();
      long end = lengthBytes > size - offset ? size : offset + lengthBytes;
      for (long at = offset; at < end; ) {
        long length = lengthInGroup(at, end - at);
        long whole = at + length == size ? length : length / BLOCK * BLOCK;
        int result;
        if (at % BLOCK == 0 && whole > 0) {
          length = whole;
          result = blocks.zero(at / BLOCK, (int) blocks(length));
        } else {
          length = Math.min(length, BLOCK - at % BLOCK);
          result = blocks.write(at, Scratch.zeros().asSlice(0, length));
        }
        if (result < 0) {
          return result;
        }
        at += length;
      }
      return 0;
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** Reserves space; a file that is not to keep its length grows to the end of the range. */
  int reserve(long offset, long lengthBytes, boolean keepSize) {
    if (offset > SIZE_MAX - lengthBytes) {
      return -Errno.EFBIG;
    }
    lock.writeLock().lock();
    try {
      long end = offset + lengthBytes;
      long from = CheckedLayout.entries(offset);
      int result = file.allocate(BackingFile.KEEP_SIZE, from, backingSize(end) - from);
      if (result < 0) {
        file.setSize(file.size()); // gives back what was reserved behind the end
        return result;
      }
      return !keepSize && end > blocks.size() ? extend(end) : 0;
    } finally {
      lock.writeLock().unlock();
    }
  }

  int sync(boolean dataOnly) {
    return file.sync(dataOnly);
  }

  /** As {@link BackingFile#startWriteOut}. */
  void startWriteOut() {
    file.startWriteOut();
  }

  /** As {@link BackingFile#writeOut}. */
  int writeOut() {
    return file.writeOut();
  }

  @Override
  public void close() {
    file.close();
  }
}
