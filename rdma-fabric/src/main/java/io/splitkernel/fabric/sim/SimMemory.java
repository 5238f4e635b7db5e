package io.splitkernel.fabric.sim;

import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.FabricMemory;
import io.splitkernel.ffi.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Anonymous memory of this process. */
final class SimMemory implements FabricMemory {
  private static final long PAGE_BYTES = 4096;

  private final SimFabric fabric;
  private final long base;
  private final long lengthBytes;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment segment;
  private int regions;
  private boolean closed;

  SimMemory(SimFabric fabric, long wantedBytes) {
    this.fabric = fabric;
    this.lengthBytes = (wantedBytes + PAGE_BYTES - 1) & -PAGE_BYTES;
    this.base = RawMemory.map(lengthBytes);
    this.segment = RawMemory.segment(base, lengthBytes, arena);
  }

  SimFabric fabric() {
    return fabric;
  }

  long base() {
    return base;
  }

  boolean isClosed() {
    return closed;
  }

  void retain() {
    regions++;
  }

  void release() {
    regions--;
  }

  @Override
  public MemorySegment segment() {
    return segment;
  }

  @Override
  public long lengthBytes() {
    return lengthBytes;
  }

  @Override
  public void discard(long offset, long length) throws FabricException {
    synchronized (fabric.network()) {
      boolean inside = offset >= 0 && length >= 0 && offset <= lengthBytes - length;
      if (closed || !inside || ((offset | length) & (PAGE_BYTES - 1)) != 0) {
        throw new FabricException(
            "discard(offset="
                + offset
                + ", length="
                + length
                + "): closed, not page-aligned, or outside the memory of "
                + lengthBytes
                + " bytes");
      }
      RawMemory.discard(base + offset, length);
    }
  }

  @Override
  public void close() {
    synchronized (fabric.network()) {
      if (closed) {
        return;
      }
      if (regions > 0) {
        throw new IllegalStateException(
            "memory of " + lengthBytes + " bytes still has " + regions + " registered regions");
      }
      closed = true;
      fabric.forget(this);
      arena.close();
      RawMemory.unmap(base, lengthBytes);
    }
  }
}
