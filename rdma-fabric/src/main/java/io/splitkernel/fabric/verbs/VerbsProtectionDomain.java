package io.splitkernel.fabric.verbs;

import io.splitkernel.fabric.Access;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.FabricMemory;
import io.splitkernel.fabric.MemoryRegion;
import io.splitkernel.fabric.ProtectionDomain;
import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.MemoryMap;
import io.splitkernel.ffi.rdma.Verbs;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** An ibv_pd with the regions that were made from it. */
final class VerbsProtectionDomain implements ProtectionDomain {
  private final VerbsFabric fabric;
  private final long pd;
  private final Set<VerbsRegion> regions = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  VerbsProtectionDomain(VerbsFabric fabric, long pd) {
    this.fabric = fabric;
    this.pd = pd;
  }

  long pd() {
    return pd;
  }

  boolean isUsableBy(VerbsFabric other) {
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
    VerbsMemory from = (VerbsMemory) memory;
    if (!from.retain()) {
      throw new FabricException("register: the memory is closed");
    }
    long mr = Verbs.regMr(pd, from.address() + offset, lengthBytes, iova, access);
    if (mr < 0) {
      from.release();
      throw new FabricException(
          "ibv_reg_mr of "
              + lengthBytes
              + " bytes: "
              + Errno.text(mr)
              + cure((int) mr, lengthBytes));
    }
    VerbsRegion region = new VerbsRegion(this, from, mr, iova, lengthBytes);
    regions.add(region);
    return region;
  }

  private static String cure(int result, long lengthBytes) {
    if (result != -Errno.ENOMEM) {
      return "";
    }
    String objection = LockLimit.objection(lengthBytes);
    return objection.isEmpty()
        ? "; the memory that this process may lock (ulimit -l) or the device's keys are used up"
        : "; " + objection;
  }

  private String refusal(
      FabricMemory memory, long offset, long lengthBytes, long iova, int access) {
    if (closed) {
      return "the protection domain is closed";
    }
    if (!(memory instanceof VerbsMemory from) || !from.isOf(fabric)) {
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

  void forget(VerbsRegion region) {
    regions.remove(region);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    fabric.closeConnectionsOf(this);
    for (VerbsRegion region : List.copyOf(regions)) {
      region.close();
    }
    Verbs.deallocPd(pd);
    fabric.forget(this);
  }
}
