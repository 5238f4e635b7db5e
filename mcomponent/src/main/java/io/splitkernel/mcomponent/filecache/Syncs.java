package io.splitkernel.mcomponent.filecache;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;

/** Syncs: what is unwritten goes upstream and is synced there; kept errors are told. */
final class Syncs {
  private final Core core;
  private final ChunkCache chunks;
  private final Dirt dirt;
  private final WriteBack writeBack;

  Syncs(Core core, WriteBack writeBack) {
    this.core = core;
    this.chunks = core.chunks;
    this.dirt = core.dirt;
    this.writeBack = writeBack;
  }

  int sync(String path, long id, boolean dataOnly) {
    CachedFile file = core.table.find(path, id);
    if (file == null && core.upstream.lost()) {
      file = core.table.failedAt(path);
    }
    if (file == null && id == 0) {
      FileAttributes found = new FileAttributes();
      int result = core.upstream.lookup(path, 0, found);
      if (result < 0) {
        return result;
      }
      file = found.is(FileAttributes.REGULAR) ? core.table.find(null, found.id) : null;
    }
    if (file == null) {
      return core.upstream.sync(path, id, dataOnly);
    }
    int result = writeBack.flush(file);
    if (result == 0 && !dataOnly) {
      result = writeBack.pushTimes(file);
    }
    if (result == 0) {
      result = syncUpstream(file, path, dataOnly);
      if (result == -Errno.EIO) {
        result = makeGood(file, path, dataOnly);
      }
    }
    return report(file, result);
  }

  /** The error of this sync, or one that was kept; either is told once. */
  private int report(CachedFile file, int result) {
    long stamp = file.state.writeLock();
    try {
      int kept = file.error;
      file.error = 0;
      if (core.upstream.lost()) {
        core.table.remove(file);
      }
      if (kept != 0 && (result == 0 || core.upstream.lost())) {
        return kept;
      }
      return result;
    } finally {
      file.state.unlockWrite(stamp);
    }
  }

  private int syncUpstream(CachedFile file, String path, boolean dataOnly) {
    core.paths.readLock().lock();
    // Shared: nothing is written back meanwhile, so what is written now is what gets synced.
    file.io.readLock().lock();
    try {
      long stamp = file.state.readLock();
      long written = file.written;
      file.state.unlockRead(stamp);
      String sure = file.path;
      int result = core.upstream.sync(sure != null ? sure : path, file.id, dataOnly);
      if (result == 0) {
        stamp = file.state.writeLock();
        file.synced = Math.max(file.synced, written);
        file.exposed = false;
        file.state.unlockWrite(stamp);
      }
      return result;
    } finally {
      file.io.readLock().unlock();
      core.paths.readLock().unlock();
    }
  }

  /** Upstream may have lost what it was sent. What is still here is sent again. */
  private int makeGood(CachedFile file, String path, boolean dataOnly) {
    boolean exposed = resend(file);
    int result = resize(file);
    if (result == 0) {
      result = writeBack.flush(file);
    }
    if (result == 0) {
      result = syncUpstream(file, path, dataOnly);
    }
    return result == 0 && exposed ? -Errno.EIO : result;
  }

  /** Upstream may have lost a change of length. */
  private int resize(CachedFile file) {
    core.paths.readLock().lock();
    file.io.writeLock().lock();
    try {
      FileAttributes found = new FileAttributes();
      int result = core.upstream.lookup(Core.pathOf(file), file.id, found);
      long stamp = file.state.writeLock();
      long size = file.size;
      boolean differs =
          result == 0 && found.id == file.id && file.loaded && found.sizeBytes != size;
      file.upstreamSize = Math.max(file.upstreamSize, Math.max(size, found.sizeBytes));
      file.state.unlockWrite(stamp);
      if (!differs) {
        return result;
      }
      return core.upstream.change(Core.pathOf(file), file.id, AttributeChange.size(size), found);
    } finally {
      file.io.writeLock().unlock();
      core.paths.readLock().unlock();
    }
  }

  /** Marks what was sent and not synced; returns whether some of it is not here any more. */
  boolean resend(CachedFile file) {
    core.paths.readLock().lock();
    file.io.writeLock().lock();
    long stamp = file.state.writeLock();
    try {
      boolean exposed = file.exposed;
      if (!file.loaded || file.removed) {
        return exposed;
      }
      for (long chunk : chunks.chunksOf(file)) {
        int slot = chunks.pin(file, chunk);
        // What was given up may have been read again since, and be lost upstream all the same.
        if (slot >= 0 && (exposed || chunks.written(slot) > file.synced)) {
          int inFile = blocksInFile(file, chunk) & chunks.valid(slot);
          int permits = inFile == 0 ? 0 : dirt.mark(file, chunk, slot, inFile);
          core.budget.force(permits);
        }
        if (slot >= 0) {
          chunks.unpin(slot);
        }
      }
      long bytes = file.dirtyBlocks * Volume.BLOCK_BYTES;
      if (bytes > file.charged) {
        core.space.force(bytes - file.charged);
        file.charged = bytes;
      }
      return exposed;
    } finally {
      file.state.unlockWrite(stamp);
      file.io.writeLock().unlock();
      core.paths.readLock().unlock();
    }
  }

  private static int blocksInFile(CachedFile file, long chunk) {
    long bytes = file.size - (chunk << ChunkCache.CHUNK_SHIFT);
    return bytes <= 0 ? 0 : ChunkCache.blocks(0, (int) Math.min(bytes, ChunkCache.CHUNK_BYTES));
  }
}
