package io.splitkernel.fabric.sim;

import io.splitkernel.fabric.Access;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.FabricMemory;
import io.splitkernel.fabric.MemoryRegion;
import io.splitkernel.fabric.ProtectionDomain;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A protection domain: an identity, and what was made in it. */
final class SimDomain implements ProtectionDomain {
  private static final long PAGE_MASK = 4095;

  private final SimFabric fabric;
  private final Set<SimRegion> regions = new LinkedHashSet<>();
  private final Set<SimConnection> connections = new LinkedHashSet<>();
  private boolean closed;

  SimDomain(SimFabric fabric) {
    this.fabric = fabric;
  }

  SimFabric fabric() {
    return fabric;
  }

  @Override
  public MemoryRegion register(
      FabricMemory memory, long offset, long lengthBytes, long iova, int access)
      throws FabricException {
    synchronized (fabric.network()) {
      String refusal = refusal(memory, offset, lengthBytes, iova, access);
      if (refusal != null) {
        throw new FabricException(
            String.format(
                "register(offset=%d, length=%d, iova=0x%x, access=0x%x): %s",
                offset, lengthBytes, iova, access, refusal));
      }
      SimRegion region = new SimRegion(this, (SimMemory) memory, offset, lengthBytes, iova, access);
      regions.add(region);
      return region;
    }
  }

  private String refusal(FabricMemory memory, long offset, long length, long iova, int access) {
    if (closed) {
      return "the protection domain is closed";
    }
    if (!(memory instanceof SimMemory from) || from.fabric() != fabric || from.isClosed()) {
      return "the memory is closed or belongs to another fabric";
    }
    if (offset < 0 || length <= 0 || offset > memory.lengthBytes() - length) {
      return "the range is outside the memory of " + memory.lengthBytes() + " bytes";
    }
    if (((iova - offset) & PAGE_MASK) != 0) {
      return "the iova is not congruent with the buffer address modulo the page size";
    }
    return Access.objection(access, fabric.limits());
  }

  void forget(SimRegion region) {
    regions.remove(region);
  }

  void add(SimConnection connection) {
    connections.add(connection);
  }

  void forget(SimConnection connection) {
    connections.remove(connection);
  }

  @Override
  public void close() {
    synchronized (fabric.network()) {
      closed = true;
      List.copyOf(connections).forEach(SimConnection::close);
      List.copyOf(regions).forEach(SimRegion::close);
      fabric.forget(this);
    }
  }
}
