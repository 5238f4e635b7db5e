package io.splitkernel.mcomponent.filecache;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.agrona.collections.LongHashSet;

/** Brings unwritten blocks upstream, in order and many at once. */
final class WriteBack {
  private static final int BLOCK_SHIFT = ChunkCache.BLOCK_SHIFT;
  private static final int BATCH_BLOCKS = Volume.TRANSFER_BYTES_MAX >> BLOCK_SHIFT;

  private final Core core;
  private final ChunkCache chunks;
  private final Dirt dirt;

  WriteBack(Core core) {
    this.core = core;
    this.chunks = core.chunks;
    this.dirt = core.dirt;
  }

  /** Where a pass over a file stands, and the run of blocks that is on its way. */
  private static final class Pass {
    final long[] order;
    int index;

    /** Block of the chunk at {@link #index} to go on with. */
    int from;

    long first;
    int count;
    long end;

    Pass(long[] order) {
      this.order = order;
    }
  }

  /**
   * Writes what is unwritten now. Stops at the first error; blocks that did not arrive stay.
   *
   * @return 0 or the error; -ESTALE when the file is gone.
   */
  int flush(CachedFile file) {
    Pass pass;
    long stamp = file.state.writeLock();
    try {
      if (file.dirty.isEmpty()) {
        return 0;
      }
      long[] order = new long[file.dirty.size()];
      int i = 0;
      for (LongHashSet.LongIterator each = file.dirty.iterator(); each.hasNext(); ) {
        order[i++] = each.nextValue();
      }
      Arrays.sort(order);
      pass = new Pass(order);
    } finally {
      file.state.unlockWrite(stamp);
    }
    while (pass.index < pass.order.length) {
      int result = batch(file, pass);
      if (result < 0) {
        return result;
      }
    }
    return 0;
  }

  /**
   * Makes sure that a write that goes through does not take the room of bytes that wait: they are
   * written first.
   *
   * @return 0, or -ENOSPC or -EDQUOT when there is no room even for them.
   */
  int settleSpace() {
    if (core.space.waiting() == 0) {
      return 0;
    }
    for (CachedFile file : core.table.all()) {
      int result = flush(file);
      if (result == -Errno.ENOSPC || result == -Errno.EDQUOT) {
        return result;
      }
    }
    return 0;
  }

  private int batch(CachedFile file, Pass pass) {
    core.paths.readLock().lock();
    file.io.writeLock().lock();
    MemorySegment buffer = core.buffers.take();
    try {
      if (buffer == null) {
        return -Errno.ETIMEDOUT;
      }
      if (!gather(file, pass, buffer)) {
        return 0;
      }
      long offset = pass.first << BLOCK_SHIFT;
      int length = (int) (pass.end - offset);
      int done = 0;
      int error = 0;
      while (done < length && error == 0) {
        int count =
            core.upstream.write(
                Core.pathOf(file), file.id, offset + done, buffer.asSlice(done, length - done));
        error = count > 0 ? 0 : count < 0 ? count : -Errno.EIO;
        done += Math.max(0, count);
      }
      boolean gone = error < 0 && isGone(file, error);
      if (!gone) {
        core.space.outcome(error == 0);
      }
      arrived(file, pass, done == length ? pass.count : done >> BLOCK_SHIFT);
      if (gone) {
        core.forget(file);
        return -Errno.ESTALE;
      }
      return error;
    } finally {
      if (buffer != null) {
        core.buffers.give(buffer);
      }
      file.io.writeLock().unlock();
      core.paths.readLock().unlock();
    }
  }

  /** Finds the next run of blocks and copies it; false when there is none. */
  private boolean gather(CachedFile file, Pass pass, MemorySegment buffer) {
    long stamp = file.state.writeLock();
    try {
      pass.count = 0;
      if (!file.loaded || file.removed) {
        pass.index = pass.order.length;
        return false;
      }
      while (pass.index < pass.order.length && pass.count < BATCH_BLOCKS) {
        if (!gatherChunk(file, pass, buffer)) {
          break;
        }
      }
      pass.end = Math.min((pass.first + pass.count) << BLOCK_SHIFT, file.size);
      file.upstreamSize = Math.max(file.upstreamSize, pass.end);
      return pass.count > 0;
    } finally {
      file.state.unlockWrite(stamp);
    }
  }

  /** Takes one run of a chunk; false when the next one does not follow on it. */
  private boolean gatherChunk(CachedFile file, Pass pass, MemorySegment buffer) {
    long chunk = pass.order[pass.index];
    int slot = pass.from < ChunkCache.BLOCKS ? chunks.pin(file, chunk) : -1;
    int left = slot < 0 ? 0 : chunks.dirty(slot) & ChunkCache.ALL_BLOCKS << pass.from;
    if (left == 0) {
      if (slot >= 0) {
        chunks.unpin(slot);
      }
      pass.index++;
      pass.from = 0;
      return true;
    }
    int begin = Integer.numberOfTrailingZeros(left);
    int run = Integer.numberOfTrailingZeros(~(left >> begin));
    long block = chunk * ChunkCache.BLOCKS + begin;
    boolean follows = pass.count == 0 || block == pass.first + pass.count;
    if (follows) {
      run = Math.min(run, BATCH_BLOCKS - pass.count);
      if (pass.count == 0) {
        pass.first = block;
      }
      int at = begin << BLOCK_SHIFT;
      chunks.copyOut(slot, at, buffer, (long) pass.count << BLOCK_SHIFT, run << BLOCK_SHIFT);
      dirt.begin(slot, ((1 << run) - 1) << begin);
      pass.count += run;
      pass.from = begin + run;
    }
    chunks.unpin(slot);
    return follows;
  }

  private void arrived(CachedFile file, Pass pass, int good) {
    long stamp = file.state.writeLock();
    try {
      if (!file.loaded || file.removed) {
        return;
      }
      file.written++;
      for (int i = 0; i < pass.count; ) {
        long block = pass.first + i;
        int begin = (int) (block & (ChunkCache.BLOCKS - 1));
        boolean ok = i < good;
        int most = (ok ? good : pass.count) - i;
        int run = Math.min(most, ChunkCache.BLOCKS - begin);
        int blocks = ((1 << run) - 1) << begin;
        int slot = chunks.pin(file, block >> 4);
        if (slot >= 0) {
          if (ok) {
            dirt.arrived(file, block >> 4, slot, blocks);
          } else {
            dirt.failed(file, slot, blocks);
          }
          chunks.unpin(slot);
        }
        i += run;
      }
      dirt.recharge(file, true);
    } finally {
      file.state.unlockWrite(stamp);
    }
  }

  /** Whether an error means that nobody can ever see this file again. */
  private boolean isGone(CachedFile file, int error) {
    boolean possible =
        error == -Errno.ESTALE
            || error == -Errno.ENOENT
            || error == -Errno.ENOTDIR
            || error == -Errno.ELOOP;
    if (!possible || core.upstream.lost()) {
      return false;
    }
    FileAttributes found = new FileAttributes();
    int result = core.upstream.lookup(Core.pathOf(file), file.id, found);
    return !core.upstream.lost()
        && (result == -Errno.ESTALE
            || result == -Errno.ENOENT
            || result == -Errno.ENOTDIR
            || (result == 0 && found.id != file.id));
  }

  /** Tells upstream the time of modification, if it is ours. */
  int pushTimes(CachedFile file) {
    core.paths.readLock().lock();
    file.io.writeLock().lock();
    try {
      long modifiedNs;
      long stamp = file.state.writeLock();
      try {
        if (!file.timesDirty || !file.loaded || file.removed) {
          return 0;
        }
        modifiedNs = file.modifiedNs;
        // A later write sets it again.
        file.timesDirty = false;
      } finally {
        file.state.unlockWrite(stamp);
      }
      AttributeChange change =
          new AttributeChange(AttributeChange.MODIFIED, 0, 0, 0, 0, 0, modifiedNs);
      int result = core.upstream.change(Core.pathOf(file), file.id, change, new FileAttributes());
      if (result < 0) {
        stamp = file.state.writeLock();
        file.timesDirty = file.loaded && !file.removed;
        file.state.unlockWrite(stamp);
      }
      return result;
    } finally {
      file.io.writeLock().unlock();
      core.paths.readLock().unlock();
    }
  }

  /** One file's turn in the background: errors are kept for the next sync. */
  void background(CachedFile file) {
    int result = flush(file);
    int times = result < 0 ? 0 : pushTimes(file);
    long stamp = file.state.writeLock();
    try {
      if (file.removed || !file.loaded) {
        return;
      }
      if (result < 0 && file.error == 0) {
        file.error = result;
      }
      if (!file.dirty.isEmpty() || file.timesDirty) {
        boolean failed = result < 0 || times < 0;
        long waitNs = failed ? core.settings.retryNs() : core.settings.dirtyAgeNs();
        core.queue.add(file, System.nanoTime() + waitNs);
      }
    } finally {
      file.state.unlockWrite(stamp);
    }
  }
}
