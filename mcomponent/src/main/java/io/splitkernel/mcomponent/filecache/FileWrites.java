package io.splitkernel.mcomponent.filecache;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.Volume;
import java.lang.foreign.MemorySegment;

/** Writes: into memory, or through to upstream where memory or space there could run out. */
final class FileWrites {
  private static final int BLOCK = Volume.BLOCK_BYTES;
  private static final int BLOCK_SHIFT = ChunkCache.BLOCK_SHIFT;
  private static final long FILE_BYTES_MAX = ChunkCache.CHUNKS_MAX << ChunkCache.CHUNK_SHIFT;
  private static final int TRIES = 1000;
  private static final long LOOK_NS = 50_000_000;

  /** Result of {@link #apply}: what stands around the new bytes has to be read first. */
  private static final int NEEDS_EDGES = Integer.MIN_VALUE + 1;

  /** Result of {@link #apply}: there is no memory. */
  private static final int NO_MEMORY = Integer.MIN_VALUE + 2;

  private final Core core;
  private final ChunkCache chunks;
  private final FileReads reads;
  private final WriteBack writeBack;
  private final WritesThrough through;

  FileWrites(Core core, FileReads reads, WriteBack writeBack) {
    this.core = core;
    this.chunks = core.chunks;
    this.reads = reads;
    this.writeBack = writeBack;
    this.through = new WritesThrough(core);
  }

  int write(String path, long id, long offset, MemorySegment from) {
    if (offset < 0 || from.byteSize() > Volume.TRANSFER_BYTES_MAX) {
      return -Errno.EINVAL;
    }
    if (offset > FILE_BYTES_MAX - from.byteSize()) {
      return -Errno.EFBIG;
    }
    WriteRequest request = new WriteRequest(path, offset, from);
    CachedFile known = core.table.find(path, id);
    if (known != null && (id == 0 || PathForm.plausible(path, known.path))) {
      int count = attempt(known, request);
      if (count != Core.AGAIN) {
        return count;
      }
    }
    for (int tries = 0; tries < TRIES; tries++) {
      Core.Attached attached = core.attach(path, id);
      if (attached.passes()) {
        return core.upstream.write(path, id, offset, from);
      }
      if (attached.error() < 0) {
        return attached.error();
      }
      int count = attempt(attached.file(), request);
      if (count != Core.AGAIN) {
        return count;
      }
    }
    return -Errno.EIO;
  }

  private int attempt(CachedFile file, WriteRequest request) {
    if (request.length() == 0) {
      return core.isLoaded(file) ? 0 : Core.AGAIN;
    }
    request.charge = charge(file, request);
    if (request.charge < 0) {
      return Core.AGAIN;
    }
    if (file.path == null) {
      return through.write(file, request);
    }
    if (!core.space.reserve(request.charge)) {
      int room = writeBack.settleSpace();
      return room < 0 ? room : through.write(file, request);
    }
    request.permits = request.chunks();
    if (!permitted(request.permits)) {
      core.space.release(request.charge, false);
      return through.write(file, request);
    }
    int result;
    try {
      result = apply(file, request, null);
      if (result == NEEDS_EDGES) {
        result = withEdges(file, request);
      }
    } finally {
      core.budget.give(request.permits);
      core.space.release(request.charge, false);
    }
    return result == NO_MEMORY ? through.write(file, request) : result;
  }

  /** Space upstream that it may need; -1 when the file is not known any more. */
  private static long charge(CachedFile file, WriteRequest request) {
    long stamp = file.state.readLock();
    try {
      if (!file.loaded || file.removed) {
        return -1;
      }
      long touched = roundUp(request.end) - (request.offset & -BLOCK);
      return Math.max(touched, roundUp(request.end) - roundUp(file.size));
    } finally {
      file.state.unlockRead(stamp);
    }
  }

  private static long roundUp(long bytes) {
    return (bytes + BLOCK - 1) & -BLOCK;
  }

  /** Waits for write-back while there is hope. */
  private boolean permitted(int permits) {
    long deadlineNs = System.nanoTime() + core.settings.waitNs();
    while (true) {
      long now = System.nanoTime();
      if (core.budget.take(permits, Math.min(deadlineNs, now + LOOK_NS))) {
        if (core.budget.pressing()) {
          core.queue.wake();
        }
        return true;
      }
      if (now >= deadlineNs || !core.space.trusted() || Thread.currentThread().isInterrupted()) {
        return false;
      }
      core.queue.wake();
    }
  }

  private int withEdges(CachedFile file, WriteRequest request) {
    core.paths.readLock().lock();
    file.io.readLock().lock();
    MemorySegment buffer = core.buffers.take();
    try {
      if (buffer == null) {
        return -Errno.ETIMEDOUT;
      }
      long first = request.offset >> BLOCK_SHIFT;
      long last = (request.end - 1) >> BLOCK_SHIFT;
      int result = reads.fetch(file, request.path, first, first, buffer);
      if (result == 0 && last != first) {
        result = reads.fetch(file, request.path, last, last, buffer.asSlice(BLOCK));
      }
      return result < 0 ? result : apply(file, request, buffer);
    } finally {
      if (buffer != null) {
        core.buffers.give(buffer);
      }
      file.io.readLock().unlock();
      core.paths.readLock().unlock();
    }
  }

  /** Copies into memory. {@code edges} has the first and the last block as they are upstream. */
  private int apply(CachedFile file, WriteRequest request, MemorySegment edges) {
    long stamp = file.state.writeLock();
    int first = -1;
    int last = -1;
    try {
      if (!file.loaded || file.removed || file.path == null) {
        return Core.AGAIN;
      }
      // What is here of the edges stays here while the chunks between take slots.
      first = chunks.pin(file, request.offset >> ChunkCache.CHUNK_SHIFT);
      last = chunks.pin(file, (request.end - 1) >> ChunkCache.CHUNK_SHIFT);
      if (edges == null
          && (needsEdge(file, request, request.offset >> BLOCK_SHIFT)
              || needsEdge(file, request, (request.end - 1) >> BLOCK_SHIFT))) {
        return NEEDS_EDGES;
      }
      return applyChunks(file, request, edges);
    } finally {
      if (first >= 0) {
        chunks.unpin(first);
      }
      if (last >= 0) {
        chunks.unpin(last);
      }
      file.state.unlockWrite(stamp);
    }
  }

  private int applyChunks(CachedFile file, WriteRequest request, MemorySegment edges) {
    int done = 0;
    while (done < request.length()) {
      int part = applyChunk(file, request, request.offset + done, edges);
      if (part == 0) {
        break;
      }
      done += part;
    }
    if (done == 0) {
      return NO_MEMORY;
    }
    file.size = Math.max(file.size, request.offset + done);
    file.charged += request.charge;
    request.charge = 0;
    core.touch(file);
    return done;
  }

  /** Whether bytes of a block stay that are only upstream. */
  private boolean needsEdge(CachedFile file, WriteRequest request, long block) {
    long begin = block << BLOCK_SHIFT;
    boolean covered = request.offset <= begin && request.end >= Math.min(begin + BLOCK, file.size);
    int bit = 1 << (block & (ChunkCache.BLOCKS - 1));
    return !covered
        && begin < file.upstreamSize
        && (chunks.validBlocks(file, block >> 4) & bit) == 0;
  }

  private int applyChunk(CachedFile file, WriteRequest request, long at, MemorySegment edges) {
    long chunk = at >> ChunkCache.CHUNK_SHIFT;
    int within = (int) (at & (ChunkCache.CHUNK_BYTES - 1));
    int part = (int) Math.min(request.end - at, ChunkCache.CHUNK_BYTES - within);
    int slot = chunks.pinOrTake(file, chunk);
    if (slot < 0) {
      return 0;
    }
    int blocks = ChunkCache.blocks(within, part);
    int fresh = blocks & ~chunks.valid(slot);
    int firstIndex = within >> BLOCK_SHIFT;
    int lastIndex = (within + part - 1) >> BLOCK_SHIFT;
    base(request, chunk, slot, firstIndex, fresh, edges);
    if (lastIndex != firstIndex) {
      base(request, chunk, slot, lastIndex, fresh, edges);
    }
    chunks.copyIn(slot, within, request.from, at - request.offset, part);
    chunks.setValid(slot, chunks.valid(slot) | blocks);
    request.permits -= core.dirt.mark(file, chunk, slot, blocks);
    chunks.unpin(slot);
    return part;
  }

  /** What a new block holds beside the new bytes. */
  private void base(
      WriteRequest request, long chunk, int slot, int index, int fresh, MemorySegment edges) {
    if ((fresh & 1 << index) == 0) {
      return;
    }
    long block = chunk * ChunkCache.BLOCKS + index;
    int at = index << BLOCK_SHIFT;
    long begin = block << BLOCK_SHIFT;
    if (request.offset <= begin && request.end >= begin + BLOCK) {
      return;
    }
    if (edges == null) {
      chunks.zero(slot, at, BLOCK);
    } else {
      long from = block == request.offset >> BLOCK_SHIFT ? 0 : BLOCK;
      chunks.copyIn(slot, at, edges, from, BLOCK);
    }
  }
}
