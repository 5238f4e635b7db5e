package io.splitkernel.mcomponent.filecache;

import io.splitkernel.protocol.files.Volume;

/** Counts unwritten blocks. The caller holds the file's state alone and has the slot pinned. */
final class Dirt {
  private final ChunkCache chunks;
  private final DirtyBudget budget;
  private final SpaceGuard space;
  private final DirtyQueue queue;
  private final long ageNs;

  Dirt(ChunkCache chunks, DirtyBudget budget, SpaceGuard space, DirtyQueue queue, long ageNs) {
    this.chunks = chunks;
    this.budget = budget;
    this.space = space;
    this.queue = queue;
    this.ageNs = ageNs;
  }

  /** Marks blocks; returns 1 when the chunk had none before, so that a permit is used up. */
  int mark(CachedFile file, long chunk, int slot, int blocks) {
    int dirty = chunks.dirty(slot);
    boolean first = (dirty | chunks.writing(slot)) == 0;
    file.dirtyBlocks += Integer.bitCount(blocks & ~dirty);
    chunks.setDirty(slot, dirty | blocks);
    if (!first) {
      return 0;
    }
    file.dirty.add(chunk);
    later(file);
    return 1;
  }

  /** Has a file looked at when its bytes are old. */
  void later(CachedFile file) {
    queue.add(file, System.nanoTime() + ageNs);
  }

  /** Blocks are on their way. */
  void begin(int slot, int blocks) {
    chunks.setDirty(slot, chunks.dirty(slot) & ~blocks);
    chunks.setWriting(slot, chunks.writing(slot) | blocks);
  }

  /** Blocks have arrived. */
  void arrived(CachedFile file, long chunk, int slot, int blocks) {
    chunks.setWriting(slot, chunks.writing(slot) & ~blocks);
    chunks.setWritten(slot, file.written);
    file.dirtyBlocks -= Integer.bitCount(blocks);
    settle(file, chunk, slot);
  }

  /** Blocks have not arrived. */
  void failed(CachedFile file, int slot, int blocks) {
    int dirty = chunks.dirty(slot);
    chunks.setWriting(slot, chunks.writing(slot) & ~blocks);
    chunks.setDirty(slot, dirty | blocks);
    file.dirtyBlocks -= Integer.bitCount(dirty & blocks);
  }

  /** Blocks need not be written any more. */
  void discard(CachedFile file, long chunk, int slot, int blocks) {
    int dirty = chunks.dirty(slot);
    int writing = chunks.writing(slot);
    chunks.setDirty(slot, dirty & ~blocks);
    chunks.setWriting(slot, writing & ~blocks);
    file.dirtyBlocks -= Integer.bitCount(dirty & blocks) + Integer.bitCount(writing & blocks);
    settle(file, chunk, slot);
  }

  /** Everything cached of a file is given up. */
  void discardAll(CachedFile file) {
    for (long chunk : chunks.chunksOf(file)) {
      int slot = chunks.pin(file, chunk);
      if (slot >= 0) {
        discard(file, chunk, slot, ChunkCache.ALL_BLOCKS);
        chunks.drop(file, slot);
      }
    }
    file.timesDirty = false;
    recharge(file, false);
  }

  /** Everything of a file that is upstream too is given up. */
  void discardClean(CachedFile file) {
    for (long chunk : chunks.chunksOf(file)) {
      int slot = chunks.pin(file, chunk);
      if (slot >= 0) {
        keepOnly(file, slot, chunks.dirty(slot) | chunks.writing(slot));
      }
    }
  }

  /** Keeps some valid blocks of a pinned slot, and the slot if there are any; unpins it. */
  void keepOnly(CachedFile file, int slot, int blocks) {
    chunks.setValid(slot, chunks.valid(slot) & blocks);
    if (chunks.valid(slot) == 0) {
      if (chunks.written(slot) > file.synced) {
        file.exposed = true;
      }
      chunks.drop(file, slot);
    } else {
      chunks.unpin(slot);
    }
  }

  /** Reserved space that is more than what still waits is given back. */
  void recharge(CachedFile file, boolean sent) {
    long needed =
        file.dirty.isEmpty()
            ? 0
            : file.dirtyBlocks * Volume.BLOCK_BYTES + Math.max(0, file.size - file.upstreamSize);
    if (needed < file.charged) {
      space.release(file.charged - needed, sent);
      file.charged = needed;
    }
  }

  private void settle(CachedFile file, long chunk, int slot) {
    if ((chunks.dirty(slot) | chunks.writing(slot)) == 0 && file.dirty.remove(chunk)) {
      budget.give(1);
    }
  }
}
