package io.splitkernel.pcomponent.excache;

import io.splitkernel.ffi.RawMemory;
import java.util.ArrayList;
import java.util.List;

/**
 * Zeroed 4 KiB chunks for page tables, taken from 1 MiB slabs; freed chunks are chained through
 * their first word. Pager thread.
 */
public final class ChunkPool implements AutoCloseable {
  static final int CHUNK_BYTES = 4096;
  private static final int SLAB_BYTES = 1 << 20;

  private final List<Long> slabs = new ArrayList<>();
  private long nextFresh;
  private long slabEnd;
  private long freeHead;
  private long inUse;

  /** A zeroed chunk. */
  long take() {
    inUse++;
    if (freeHead != 0) {
      long chunk = freeHead;
      freeHead = RawMemory.getLong(chunk);
      RawMemory.zero(chunk, CHUNK_BYTES);
      return chunk;
    }
    if (nextFresh == slabEnd) {
      nextFresh = RawMemory.map(SLAB_BYTES);
      slabEnd = nextFresh + SLAB_BYTES;
      slabs.add(nextFresh);
    }
    long chunk = nextFresh;
    nextFresh += CHUNK_BYTES;
    return chunk;
  }

  /** Gives a chunk back. */
  void give(long chunk) {
    inUse--;
    RawMemory.putLong(chunk, freeHead);
    freeHead = chunk;
  }

  /** Bytes of the chunks that are taken. */
  public long bytesInUse() {
    return inUse * CHUNK_BYTES;
  }

  @Override
  public void close() {
    for (long slab : slabs) {
      RawMemory.unmap(slab, SLAB_BYTES);
    }
    slabs.clear();
  }
}
