package io.splitkernel.mcomponent.filecache;

import io.splitkernel.protocol.files.Volume;

/** Writes that upstream has to accept before they are answered. */
final class WritesThrough {
  private static final int BLOCK = Volume.BLOCK_BYTES;
  private static final int BLOCK_SHIFT = ChunkCache.BLOCK_SHIFT;

  private final Core core;
  private final ChunkCache chunks;

  WritesThrough(Core core) {
    this.core = core;
    this.chunks = core.chunks;
  }

  int write(CachedFile file, WriteRequest request) {
    core.paths.readLock().lock();
    file.io.writeLock().lock();
    try {
      long stamp = file.state.writeLock();
      try {
        if (!file.loaded || file.removed) {
          return Core.AGAIN;
        }
        file.upstreamSize = Math.max(file.upstreamSize, request.end);
      } finally {
        file.state.unlockWrite(stamp);
      }
      String sure = file.path;
      int count =
          core.upstream.write(
              sure != null ? sure : request.path, file.id, request.offset, request.from);
      core.space.outcome(count == request.length());
      core.space.sent(Math.max(0, count) + 2L * BLOCK);
      after(file, request, count);
      if (count < request.length()) {
        core.recheckSize(file);
      }
      return count;
    } finally {
      file.io.writeLock().unlock();
      core.paths.readLock().unlock();
    }
  }

  /** Makes memory agree with what was written through. */
  private void after(CachedFile file, WriteRequest request, int count) {
    long stamp = file.state.writeLock();
    try {
      if (!file.loaded) {
        return;
      }
      if (count > 0) {
        file.written++;
        file.size = Math.max(file.size, request.offset + count);
        if (file.ownTimes) {
          core.touch(file);
          core.dirt.later(file);
        }
      }
      long at = request.offset;
      while (at < request.end) {
        int within = (int) (at & (ChunkCache.CHUNK_BYTES - 1));
        int part = (int) Math.min(request.end - at, ChunkCache.CHUNK_BYTES - within);
        int good = Math.clamp(request.offset + Math.max(0, count) - at, 0, part);
        afterChunk(file, request, at, part, good);
        at += part;
      }
    } finally {
      file.state.unlockWrite(stamp);
    }
  }

  private void afterChunk(CachedFile file, WriteRequest request, long at, int part, int good) {
    int slot = chunks.pin(file, at >> ChunkCache.CHUNK_SHIFT);
    if (slot < 0) {
      file.exposed = true;
      return;
    }
    int within = (int) (at & (ChunkCache.CHUNK_BYTES - 1));
    int valid = chunks.valid(slot);
    int touched = ChunkCache.blocks(within, part);
    for (int done = 0; done < good; ) {
      int offset = within + done;
      int piece = Math.min(good - done, BLOCK - (offset & (BLOCK - 1)));
      if ((valid & 1 << (offset >> BLOCK_SHIFT)) != 0) {
        chunks.copyIn(slot, offset, request.from, at - request.offset + done, piece);
      }
      done += piece;
    }
    if ((valid & touched) != touched) {
      file.exposed = true;
    }
    if (good > 0) {
      chunks.setWritten(slot, file.written);
    }
    int doubtful = good == part ? 0 : ChunkCache.blocks(within + good, part - good);
    core.dirt.keepOnly(file, slot, ~doubtful | chunks.dirty(slot));
  }
}
