package io.splitkernel.mcomponent.files;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.FabricMemory;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/** One piece of memory in equal parts, one for each cache. Any thread. */
final class CacheMemory implements AutoCloseable {
  private final FabricMemory memory;
  private final long partBytes;
  private final int parts;
  private final BitSet used = new BitSet();

  private CacheMemory(FabricMemory memory, int parts) {
    this.memory = memory;
    this.parts = parts;
    this.partBytes = memory.lengthBytes() / parts & -4096L;
  }

  static CacheMemory open(Fabric fabric, long bytes, int parts) throws FabricException {
    return new CacheMemory(fabric.allocateMemory(bytes, "lego-file-cache"), parts);
  }

  /** A free part, or -1. */
  synchronized int take() {
    int part = used.nextClearBit(0);
    if (part >= parts) {
      return -1;
    }
    used.set(part);
    return part;
  }

  MemorySegment segment(int part) {
    return memory.segment().asSlice(part * partBytes, partBytes);
  }

  synchronized void give(int part) {
    used.clear(part);
  }

  @Override
  public void close() {
    memory.close();
  }
}
