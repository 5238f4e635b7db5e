package io.splitkernel.mcomponent.filecache;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.Volume;
import java.lang.foreign.MemorySegment;

/** Reads: from memory, or from upstream through memory, ahead of a sequential reader. */
final class FileReads {
  private static final int BLOCK = Volume.BLOCK_BYTES;
  private static final int BLOCK_SHIFT = ChunkCache.BLOCK_SHIFT;
  private static final int WINDOW_FIRST = 64 << 10;
  private static final int TRIES = 1000;

  private final Core core;
  private final ChunkCache chunks;

  FileReads(Core core) {
    this.core = core;
    this.chunks = core.chunks;
  }

  int read(String path, long id, long offset, MemorySegment into) {
    if (offset < 0 || into.byteSize() > Volume.TRANSFER_BYTES_MAX) {
      return -Errno.EINVAL;
    }
    CachedFile known = core.table.find(path, id);
    if (known != null && (id == 0 || PathForm.plausible(path, known.path))) {
      int count = cached(known, offset, into);
      if (count >= 0) {
        core.hits.increment();
        return count;
      }
    }
    core.misses.increment();
    for (int tries = 0; tries < TRIES; tries++) {
      Core.Attached attached = core.attach(path, id);
      if (attached.passes()) {
        return core.upstream.read(path, id, offset, into);
      }
      if (attached.error() < 0) {
        return attached.error();
      }
      int count = missing(attached.file(), path, offset, into, tries > 0);
      if (count != Core.AGAIN) {
        return count;
      }
    }
    return -Errno.EIO;
  }

  /** Reads what is here; {@link Core#AGAIN} when something is missing. */
  private int cached(CachedFile file, long offset, MemorySegment into) {
    long stamp = file.state.readLock();
    try {
      if (!file.loaded) {
        return Core.AGAIN;
      }
      int length = (int) Math.max(0, Math.min(into.byteSize(), file.size - offset));
      if (!copyCached(file, offset, into, 0, length)) {
        return Core.AGAIN;
      }
      file.expected = offset + length;
      return length;
    } finally {
      file.state.unlockRead(stamp);
    }
  }

  private boolean copyCached(
      CachedFile file, long offset, MemorySegment into, long intoOffset, int length) {
    int done = 0;
    while (done < length) {
      long at = offset + done;
      int within = (int) (at & (ChunkCache.CHUNK_BYTES - 1));
      int part = Math.min(length - done, ChunkCache.CHUNK_BYTES - within);
      if (!chunks.read(file, at >> ChunkCache.CHUNK_SHIFT, within, part, into, intoOffset + done)) {
        return false;
      }
      done += part;
    }
    return true;
  }

  private int missing(
      CachedFile file, String path, long offset, MemorySegment into, boolean whole) {
    core.paths.readLock().lock();
    file.io.readLock().lock();
    MemorySegment buffer = core.buffers.take();
    try {
      if (buffer == null) {
        return -Errno.ETIMEDOUT;
      }
      return throughBuffer(file, path, offset, into, whole, buffer);
    } finally {
      if (buffer != null) {
        core.buffers.give(buffer);
      }
      file.io.readLock().unlock();
      core.paths.readLock().unlock();
    }
  }

  private int throughBuffer(
      CachedFile file,
      String path,
      long offset,
      MemorySegment into,
      boolean whole,
      MemorySegment buffer) {
    long first;
    long last;
    long end;
    long stamp = file.state.readLock();
    try {
      if (!file.loaded || file.removed) {
        return Core.AGAIN;
      }
      long length = Math.min(into.byteSize(), file.size - offset);
      if (length <= 0) {
        return 0;
      }
      first = offset >> BLOCK_SHIFT;
      last = (offset + length - 1) >> BLOCK_SHIFT;
      while (!whole && first <= last && isHere(file, first)) {
        first++;
      }
      while (!whole && first <= last && isHere(file, last)) {
        last--;
      }
      boolean tail = last == (offset + length - 1) >> BLOCK_SHIFT;
      end = tail ? last + ahead(file, offset, last, first) : last;
    } finally {
      file.state.unlockRead(stamp);
    }
    if (first <= last) {
      int result = fetch(file, path, first, end, buffer);
      if (result < 0 && end > last) {
        end = last;
        result = fetch(file, path, first, end, buffer);
      }
      if (result < 0) {
        return result;
      }
    } else {
      end = last;
    }
    return installAndCopy(file, offset, into, first, end, buffer);
  }

  /** Blocks to read behind the last one that is wanted. */
  private long ahead(CachedFile file, long offset, long last, long first) {
    int most = core.settings.readAheadBytes();
    if (most == 0 || offset != file.expected) {
      file.window = 0;
      return 0;
    }
    file.window = Math.min(most, Math.max(WINDOW_FIRST, file.window * 2));
    long fileEnd = (file.size - 1) >> BLOCK_SHIFT;
    long room = (TransferBuffers.BYTES >> BLOCK_SHIFT) - (last - first + 1);
    // Not past what is there already.
    long wanted = Math.min(Math.min(file.window >> BLOCK_SHIFT, room), fileEnd - last);
    long count = 0;
    while (count < wanted && !isHere(file, last + count + 1)) {
      count++;
    }
    return count;
  }

  private boolean isHere(CachedFile file, long block) {
    int bit = 1 << (block & (ChunkCache.BLOCKS - 1));
    return (chunks.validBlocks(file, block >> 4) & bit) != 0;
  }

  /**
   * Reads blocks from upstream, zeros behind its end. The caller holds the paths and the file's io.
   *
   * @return 0 or an error.
   */
  int fetch(CachedFile file, String path, long first, long last, MemorySegment buffer) {
    long stamp = file.state.readLock();
    long known = file.upstreamSize;
    String sure = file.path;
    file.state.unlockRead(stamp);
    long from = first << BLOCK_SHIFT;
    int length = (int) ((last - first + 1) << BLOCK_SHIFT);
    int done = 0;
    while (done < length && from + done < known) {
      int part = Math.min(length - done, Volume.TRANSFER_BYTES_MAX);
      int count =
          core.upstream.read(
              sure != null ? sure : path, file.id, from + done, buffer.asSlice(done, part));
      if (count < 0) {
        return count;
      }
      done += count;
      if (count < part) {
        break;
      }
    }
    buffer.asSlice(done, length - done).fill((byte) 0);
    return 0;
  }

  private int installAndCopy(
      CachedFile file,
      long offset,
      MemorySegment into,
      long first,
      long end,
      MemorySegment buffer) {
    long stamp = file.state.writeLock();
    try {
      if (!file.loaded || file.removed) {
        return Core.AGAIN;
      }
      for (long block = first; block <= end; ) {
        long chunkEnd = Math.min(end, block | (ChunkCache.BLOCKS - 1));
        install(file, block, chunkEnd, buffer, (block - first) << BLOCK_SHIFT);
        block = chunkEnd + 1;
      }
      int length = (int) Math.max(0, Math.min(into.byteSize(), file.size - offset));
      int done = 0;
      while (done < length) {
        long at = offset + done;
        int part = (int) Math.min(length - done, BLOCK - (at & (BLOCK - 1)));
        if (!copyCached(file, at, into, done, part)) {
          long block = at >> BLOCK_SHIFT;
          if (block < first || block > end) {
            return Core.AGAIN;
          }
          MemorySegment.copy(buffer, at - (first << BLOCK_SHIFT), into, done, part);
        }
        done += part;
      }
      file.expected = offset + length;
      return length;
    } finally {
      file.state.unlockWrite(stamp);
    }
  }

  /** Puts blocks of one chunk in place that are not there yet. */
  private void install(CachedFile file, long first, long last, MemorySegment from, long at) {
    long chunk = first >> 4;
    int slot = chunks.pinOrTake(file, chunk);
    if (slot < 0) {
      return;
    }
    int valid = chunks.valid(slot);
    for (long block = first; block <= last; block++) {
      int index = (int) (block & (ChunkCache.BLOCKS - 1));
      if ((valid & 1 << index) == 0) {
        chunks.copyIn(
            slot, index << BLOCK_SHIFT, from, at + ((block - first) << BLOCK_SHIFT), BLOCK);
        valid |= 1 << index;
      }
    }
    chunks.setValid(slot, valid);
    chunks.unpin(slot);
  }
}
