package io.splitkernel.fabric.verbs;

import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.FabricMemory;
import io.splitkernel.ffi.MemoryMap;
import io.splitkernel.ffi.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Memory that a device may be given: anonymous memory of its own, or what another fabric has
 * allocated. Registering a range pins its pages.
 */
final class VerbsMemory implements FabricMemory {
  private final VerbsFabric fabric;
  private final long address;
  private final long lengthBytes;
  private final boolean owned;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment segment;
  private int regions;
  private boolean closed;

  VerbsMemory(VerbsFabric fabric, long lengthBytes) {
    this.fabric = fabric;
    this.lengthBytes = lengthBytes;
    this.address = RawMemory.map(lengthBytes);
    this.owned = true;
    this.segment = RawMemory.segment(address, lengthBytes, arena);
  }

  /** Memory that is somebody else's, who frees it. */
  VerbsMemory(VerbsFabric fabric, MemorySegment adopted) {
    this.fabric = fabric;
    this.lengthBytes = adopted.byteSize();
    this.address = adopted.address();
    this.owned = false;
    this.segment = adopted;
  }

  boolean isOf(VerbsFabric other) {
    return fabric == other;
  }

  long address() {
    return address;
  }

  /** A region begins to use it; false when it is closed. */
  synchronized boolean retain() {
    if (closed) {
      return false;
    }
    regions++;
    return true;
  }

  synchronized void release() {
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
    if (!owned) {
      throw new FabricException("discard: the memory is another fabric's, which discards it");
    }
    boolean pages = ((offset | length) & (MemoryMap.PAGE_BYTES - 1)) == 0;
    if (!pages || offset < 0 || length < 0 || offset > lengthBytes - length) {
      throw new FabricException(
          "discard(offset="
              + offset
              + ", length="
              + length
              + "): whole pages within "
              + lengthBytes
              + " bytes are wanted");
    }
    RawMemory.discard(address + offset, length);
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    if (regions > 0) {
      throw new IllegalStateException(regions + " regions of the memory are still registered");
    }
    closed = true;
    arena.close();
    if (owned) {
      RawMemory.unmap(address, lengthBytes);
    }
    fabric.forget(this);
  }
}
