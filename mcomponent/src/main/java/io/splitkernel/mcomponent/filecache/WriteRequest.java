package io.splitkernel.mcomponent.filecache;

import java.lang.foreign.MemorySegment;

/** One write, and what was reserved for it. */
final class WriteRequest {
  final String path;
  final long offset;
  final long end;
  final MemorySegment from;

  /** Bytes of {@link SpaceGuard} that are not the file's yet. */
  long charge;

  /** Permits of {@link DirtyBudget} that are not used yet. */
  int permits;

  WriteRequest(String path, long offset, MemorySegment from) {
    this.path = path;
    this.offset = offset;
    this.end = offset + from.byteSize();
    this.from = from;
  }

  int length() {
    return (int) (end - offset);
  }

  int chunks() {
    return (int) (((end - 1) >> ChunkCache.CHUNK_SHIFT) - (offset >> ChunkCache.CHUNK_SHIFT)) + 1;
  }
}
