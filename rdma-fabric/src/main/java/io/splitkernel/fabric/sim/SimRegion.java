package io.splitkernel.fabric.sim;

import io.splitkernel.fabric.MemoryRegion;

/** A registered range. */
final class SimRegion implements MemoryRegion {
  private final SimDomain domain;
  private final SimMemory memory;
  private final long offset;
  private final long lengthBytes;
  private final long iova;
  private final int access;
  private final int key;
  private boolean closed;

  SimRegion(
      SimDomain domain, SimMemory memory, long offset, long lengthBytes, long iova, int access) {
    this.domain = domain;
    this.memory = memory;
    this.offset = offset;
    this.lengthBytes = lengthBytes;
    this.iova = iova;
    this.access = access;
    memory.retain();
    this.key = domain.fabric().add(this);
  }

  long resolve(SimDomain user, int wanted, long address, long length) {
    long within = address - iova;
    boolean allowed = user == domain && (access & wanted) == wanted;
    return allowed && within >= 0 && within <= lengthBytes - length
        ? memory.base() + offset + within
        : 0;
  }

  @Override
  public int lkey() {
    return key;
  }

  @Override
  public int rkey() {
    return key;
  }

  @Override
  public long iova() {
    return iova;
  }

  @Override
  public long lengthBytes() {
    return lengthBytes;
  }

  @Override
  public void close() {
    synchronized (domain.fabric().network()) {
      if (!closed) {
        closed = true;
        domain.fabric().remove(key);
        domain.forget(this);
        memory.release();
      }
    }
  }
}
