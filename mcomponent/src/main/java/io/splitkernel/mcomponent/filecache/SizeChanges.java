package io.splitkernel.mcomponent.filecache;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;

/**
 * Attributes, lengths and holes. Upstream comes first, then memory: what is written into memory
 * meanwhile counts as written before.
 */
final class SizeChanges {
  private static final int TRIES = 1000;

  private final Core core;
  private final ChunkCache chunks;
  private final WriteBack writeBack;

  SizeChanges(Core core, WriteBack writeBack) {
    this.core = core;
    this.writeBack = writeBack;
    this.chunks = core.chunks;
  }

  int change(String path, long id, AttributeChange change, FileAttributes out) {
    if (change.has(AttributeChange.SIZE)) {
      return resize(path, id, change, out);
    }
    CachedFile file = core.table.find(path, id);
    if (file != null) {
      file.io.writeLock().lock();
    }
    try {
      int result = core.upstream.change(path, id, change, out);
      if (result == 0 && out.is(FileAttributes.REGULAR)) {
        times(out, change, file != null && file.id == out.id);
        core.merge(out);
      }
      return result;
    } finally {
      if (file != null) {
        file.io.writeLock().unlock();
      }
    }
  }

  /** A time that was set stays, also when bytes are written back later. */
  private void times(FileAttributes out, AttributeChange change, boolean alone) {
    CachedFile file = core.table.find(null, out.id);
    if (file == null) {
      return;
    }
    long stamp = file.state.writeLock();
    try {
      if (!file.loaded || file.removed) {
        return;
      }
      file.changedNs = Math.max(file.changedNs, out.changedNs);
      if (change.has(AttributeChange.MODIFIED)) {
        file.modifiedNs = out.modifiedNs;
        file.timesDirty = file.ownTimes && (!alone || !file.dirty.isEmpty());
        if (file.timesDirty) {
          core.dirt.later(file);
        }
      }
    } finally {
      file.state.unlockWrite(stamp);
    }
  }

  private int resize(String path, long id, AttributeChange change, FileAttributes out) {
    for (int tries = 0; tries < TRIES; tries++) {
      Core.Attached attached = core.attach(path, id);
      if (attached.passes()) {
        return core.upstream.change(path, id, change, out);
      }
      if (attached.error() < 0) {
        return attached.error();
      }
      int room = makeRoom(attached.file(), change.sizeBytes());
      int result = room < 0 ? room : resize(attached.file(), path, change, out);
      if (result != Core.AGAIN) {
        return result;
      }
    }
    return -Errno.EIO;
  }

  private int resize(CachedFile file, String path, AttributeChange change, FileAttributes out) {
    core.paths.readLock().lock();
    file.io.writeLock().lock();
    try {
      if (!core.isLoaded(file) || file.removed) {
        return Core.AGAIN;
      }
      raise(file, change.sizeBytes());
      String sure = file.path;
      int result = core.upstream.change(sure != null ? sure : path, file.id, change, out);
      core.space.forget();
      if (result < 0) {
        core.recheckSize(file);
        return result;
      }
      cut(file, change, out);
      core.merge(out);
      return 0;
    } finally {
      file.io.writeLock().unlock();
      core.paths.readLock().unlock();
    }
  }

  /** A longer file must not take the room of bytes that wait. */
  private int makeRoom(CachedFile file, long size) {
    long stamp = file.state.readLock();
    long more = size - file.size;
    file.state.unlockRead(stamp);
    if (more <= 0) {
      return 0;
    }
    long rounded = more + Volume.BLOCK_BYTES;
    if (core.space.reserve(rounded)) {
      core.space.release(rounded, true);
      return 0;
    }
    return writeBack.settleSpace();
  }

  private static void raise(CachedFile file, long size) {
    long stamp = file.state.writeLock();
    file.upstreamSize = Math.max(file.upstreamSize, size);
    file.state.unlockWrite(stamp);
  }

  private void cut(CachedFile file, AttributeChange change, FileAttributes out) {
    long size = change.sizeBytes();
    long stamp = file.state.writeLock();
    try {
      if (!file.loaded) {
        return;
      }
      if (size < file.size) {
        for (long chunk : chunks.chunksOf(file)) {
          cutChunk(file, chunk, size);
        }
      }
      file.size = size;
      file.upstreamSize = size;
      file.written++;
      file.modifiedNs = out.modifiedNs;
      file.changedNs = Math.max(file.changedNs, out.changedNs);
      file.timesDirty = file.ownTimes && !file.dirty.isEmpty();
      core.dirt.recharge(file, false);
    } finally {
      file.state.unlockWrite(stamp);
    }
  }

  private void cutChunk(CachedFile file, long chunk, long size) {
    long begin = chunk << ChunkCache.CHUNK_SHIFT;
    int keep = Math.clamp(size - begin, 0, ChunkCache.CHUNK_BYTES);
    int slot = keep == ChunkCache.CHUNK_BYTES ? -1 : chunks.pin(file, chunk);
    if (slot < 0) {
      return;
    }
    int stay = keep == 0 ? 0 : ChunkCache.blocks(0, keep);
    core.dirt.discard(file, chunk, slot, ~stay & ChunkCache.ALL_BLOCKS);
    if (stay == 0) {
      // Nothing is lost with it.
      chunks.setWritten(slot, 0);
    }
    int within = keep & (Volume.BLOCK_BYTES - 1);
    if (within != 0 && (chunks.valid(slot) & 1 << (keep >> ChunkCache.BLOCK_SHIFT)) != 0) {
      chunks.zero(slot, keep, Volume.BLOCK_BYTES - within);
    }
    core.dirt.keepOnly(file, slot, stay);
  }

  int allocate(String path, long id, int flags, long offset, long lengthBytes) {
    if (offset < 0 || lengthBytes <= 0 || offset > Long.MAX_VALUE - lengthBytes) {
      return core.upstream.allocate(path, id, flags, offset, lengthBytes);
    }
    for (int tries = 0; tries < TRIES; tries++) {
      Core.Attached attached = core.attach(path, id);
      if (attached.passes()) {
        return core.upstream.allocate(path, id, flags, offset, lengthBytes);
      }
      if (attached.error() < 0) {
        return attached.error();
      }
      boolean punch = (flags & Volume.ALLOCATE_PUNCH_HOLE) != 0;
      int room = punch ? 0 : makeRoom(attached.file(), offset + lengthBytes);
      int result = room < 0 ? room : allocate(attached.file(), path, flags, offset, lengthBytes);
      if (result != Core.AGAIN) {
        return result;
      }
    }
    return -Errno.EIO;
  }

  private int allocate(CachedFile file, String path, int flags, long offset, long lengthBytes) {
    core.paths.readLock().lock();
    file.io.writeLock().lock();
    try {
      if (!core.isLoaded(file) || file.removed) {
        return Core.AGAIN;
      }
      boolean longer = (flags & Volume.ALLOCATE_KEEP_SIZE) == 0;
      if (longer) {
        raise(file, offset + lengthBytes);
      }
      String sure = file.path;
      int result =
          core.upstream.allocate(sure != null ? sure : path, file.id, flags, offset, lengthBytes);
      core.space.forget();
      if (result < 0) {
        core.recheckSize(file);
        return result;
      }
      allocated(file, flags, offset, lengthBytes);
      return 0;
    } finally {
      file.io.writeLock().unlock();
      core.paths.readLock().unlock();
    }
  }

  private void allocated(CachedFile file, int flags, long offset, long lengthBytes) {
    long stamp = file.state.writeLock();
    try {
      if (!file.loaded) {
        return;
      }
      file.written++;
      if ((flags & Volume.ALLOCATE_KEEP_SIZE) == 0) {
        file.size = Math.max(file.size, offset + lengthBytes);
      }
      if ((flags & Volume.ALLOCATE_PUNCH_HOLE) != 0) {
        file.exposed = true;
        for (long chunk : chunks.chunksOf(file)) {
          punchChunk(file, chunk, offset, offset + lengthBytes);
        }
      }
      if (file.ownTimes) {
        core.touch(file);
        core.dirt.later(file);
      }
    } finally {
      file.state.unlockWrite(stamp);
    }
  }

  /** Zeroes what is cached, dirty blocks too: they are written as zeros. */
  private void punchChunk(CachedFile file, long chunk, long from, long to) {
    long begin = chunk << ChunkCache.CHUNK_SHIFT;
    int first = Math.clamp(from - begin, 0, ChunkCache.CHUNK_BYTES);
    int end = Math.clamp(to - begin, 0, ChunkCache.CHUNK_BYTES);
    int slot = first < end ? chunks.pin(file, chunk) : -1;
    if (slot < 0) {
      return;
    }
    // Bytes of blocks that are not valid are nobody's.
    chunks.zero(slot, first, end - first);
    chunks.setWritten(slot, file.written);
    chunks.unpin(slot);
  }
}
