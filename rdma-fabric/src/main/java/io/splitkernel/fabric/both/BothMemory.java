package io.splitkernel.fabric.both;

import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.FabricMemory;
import java.lang.foreign.MemorySegment;

/** Near's memory, which far adopts when it is first wanted there. */
final class BothMemory implements FabricMemory {
  private final BothFabric fabric;
  private final FabricMemory near;
  private FabricMemory far;
  private boolean closed;

  BothMemory(BothFabric fabric, FabricMemory near) {
    this.fabric = fabric;
    this.near = near;
  }

  boolean isOf(BothFabric other) {
    return fabric == other;
  }

  FabricMemory near() {
    return near;
  }

  synchronized FabricMemory far() throws FabricException {
    if (closed) {
      throw new FabricException("register: the memory is closed");
    }
    if (far == null) {
      far = fabric.far().adopt(near);
    }
    return far;
  }

  @Override
  public MemorySegment segment() {
    return near.segment();
  }

  @Override
  public long lengthBytes() {
    return near.lengthBytes();
  }

  @Override
  public void discard(long offset, long lengthBytes) throws FabricException {
    near.discard(offset, lengthBytes);
  }

  /** {@inheritDoc} Near goes first: it knows every region, and refuses while there is one. */
  @Override
  public synchronized void close() {
    near.close();
    closed = true;
    if (far != null) {
      far.close();
    }
  }
}
