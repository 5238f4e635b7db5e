package io.splitkernel.fabric.both;

import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.MemoryRegion;

/** A region of near, and of far once a far connection has asked for a key. */
final class BothRegion implements MemoryRegion {
  private final MemoryRegion near;
  private final BothDomain domain;
  private final BothMemory memory;
  private final long offset;
  private final int access;
  private MemoryRegion far;
  private boolean closed;

  BothRegion(MemoryRegion near, BothDomain domain, BothMemory memory, long offset, int access) {
    this.near = near;
    this.domain = domain;
    this.memory = memory;
    this.offset = offset;
    this.access = access;
  }

  private MemoryRegion on(Connection connection) throws FabricException {
    return BothFabric.isNear(connection) ? near : far();
  }

  private synchronized MemoryRegion far() throws FabricException {
    if (far == null && closed) {
      throw new FabricException("the region is deregistered");
    }
    if (far == null) {
      far = domain.far().register(memory.far(), offset, lengthBytes(), iova(), access);
    }
    return far;
  }

  @Override
  public int lkey() {
    return near.lkey();
  }

  @Override
  public int rkey() {
    return near.rkey();
  }

  @Override
  public int lkeyOn(Connection connection) throws FabricException {
    return on(connection).lkey();
  }

  @Override
  public int rkeyOn(Connection connection) throws FabricException {
    return on(connection).rkey();
  }

  @Override
  public long iova() {
    return near.iova();
  }

  @Override
  public long lengthBytes() {
    return near.lengthBytes();
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (far != null) {
      far.close();
    }
    near.close();
  }
}
