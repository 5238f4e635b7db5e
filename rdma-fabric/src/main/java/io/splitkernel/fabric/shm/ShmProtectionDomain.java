package io.splitkernel.fabric.shm;

import io.splitkernel.fabric.Access;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.FabricMemory;
import io.splitkernel.fabric.MemoryRegion;
import io.splitkernel.fabric.ProtectionDomain;
import io.splitkernel.ffi.MemoryMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A number that keys and connections carry, and the regions that were made from it. */
final class ShmProtectionDomain implements ProtectionDomain {
  private final ShmFabric fabric;
  private final int number;
  private final Set<ShmRegion> regions = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  ShmProtectionDomain(ShmFabric fabric, int number) {
    this.fabric = fabric;
    this.number = number;
  }

  int number() {
    return number;
  }

  boolean isUsableBy(ShmFabric other) {
    return fabric == other && !closed;
  }

  @Override
  public MemoryRegion register(
      FabricMemory memory, long offset, long lengthBytes, long iova, int access)
      throws FabricException {
    String refusal = refusal(memory, offset, lengthBytes, iova, access);
    if (refusal != null) {
      throw new FabricException(
          String.format(
              "register(offset=%d, length=%d, iova=0x%x, access=0x%x): %s",
              offset, lengthBytes, iova, access, refusal));
    }
    ShmMemory from = (ShmMemory) memory;
    if (!from.retain()) {
      throw new FabricException("register: the memory is closed");
    }
    int key = fabric.table().publish(number, from.id(), iova, lengthBytes, offset, access);
    if (key == 0) {
      from.release();
      throw new FabricException(
          "register(length="
              + lengthBytes
              + "): all "
              + fabric.table().slotCount()
              + " regions are taken; raise ShmConfig.regionsMax");
    }
    ShmRegion region = new ShmRegion(this, from, key, iova, lengthBytes);
    regions.add(region);
    return region;
  }

  private String refusal(
      FabricMemory memory, long offset, long lengthBytes, long iova, int access) {
    if (closed) {
      return "the protection domain is closed";
    }
    if (!(memory instanceof ShmMemory from) || !from.isOf(fabric)) {
      return "the memory belongs to another fabric";
    }
    if (offset < 0 || lengthBytes <= 0 || offset > memory.lengthBytes() - lengthBytes) {
      return "the range is outside the memory of " + memory.lengthBytes() + " bytes";
    }
    if (((iova - offset) & (MemoryMap.PAGE_BYTES - 1)) != 0) {
      return "the iova is not congruent with the buffer address modulo the page size";
    }
    return Access.objection(access, fabric.limits());
  }

  /** Revokes, waits for operations that run on it, and only then gives the slot back. */
  void deregister(ShmRegion region, ShmMemory memory) {
    fabric.table().revoke(region.lkey());
    boolean idle = fabric.connections().awaitIdle(this, region.lkey());
    regions.remove(region);
    memory.release();
    if (!idle) {
      throw new IllegalStateException(
          "deregistering "
              + region.lengthBytes()
              + " bytes: a peer process is stopped inside an operation on them; continue or end it"
              + " before the range is used again");
    }
    fabric.table().recycle(region.lkey());
  }

  @Override
  public void close() {
    closed = true;
    fabric.connections().closeAll(this);
    for (ShmRegion region : List.copyOf(regions)) {
      region.close();
    }
    fabric.forget(this);
  }
}
