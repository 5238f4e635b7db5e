package io.splitkernel.fabric.both;

import io.splitkernel.fabric.Access;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.FabricMemory;
import io.splitkernel.fabric.MemoryRegion;
import io.splitkernel.fabric.ProtectionDomain;

/** A domain of each provider. */
final class BothDomain implements ProtectionDomain {
  private final BothFabric fabric;
  private final ProtectionDomain near;
  private final ProtectionDomain far;
  private volatile boolean closed;

  BothDomain(BothFabric fabric, ProtectionDomain near, ProtectionDomain far) {
    this.fabric = fabric;
    this.near = near;
    this.far = far;
  }

  ProtectionDomain near() {
    return near;
  }

  ProtectionDomain far() {
    return far;
  }

  boolean isUsableBy(BothFabric other) {
    return fabric == other && !closed;
  }

  @Override
  public MemoryRegion register(
      FabricMemory memory, long offset, long lengthBytes, long iova, int access)
      throws FabricException {
    BothMemory from = memory instanceof BothMemory both && both.isOf(fabric) ? both : null;
    String objection =
        from == null
            ? "the memory belongs to another fabric"
            : Access.objection(access, fabric.limits());
    if (objection != null) {
      throw new FabricException(
          String.format(
              "register(offset=%d, length=%d, iova=0x%x, access=0x%x): %s",
              offset, lengthBytes, iova, access, objection));
    }
    MemoryRegion region = near.register(from.near(), offset, lengthBytes, iova, access);
    return new BothRegion(region, this, from, offset, access);
  }

  @Override
  public void close() {
    closed = true;
    far.close();
    near.close();
  }
}
