package io.splitkernel.fabric.shm;

import io.splitkernel.fabric.MemoryRegion;
import java.util.concurrent.atomic.AtomicBoolean;

/** A slot of the key table. lkey and rkey are the same number. */
final class ShmRegion implements MemoryRegion {
  private final ShmProtectionDomain domain;
  private final ShmMemory memory;
  private final int key;
  private final long iova;
  private final long lengthBytes;
  private final AtomicBoolean closed = new AtomicBoolean();

  ShmRegion(ShmProtectionDomain domain, ShmMemory memory, int key, long iova, long lengthBytes) {
    this.domain = domain;
    this.memory = memory;
    this.key = key;
    this.iova = iova;
    this.lengthBytes = lengthBytes;
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

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException when a peer is stopped inside an operation on the region for
   *     longer than {@link ShmConfig#deregistrationTimeoutNs}: the range must not be used again.
   */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      domain.deregister(this, memory);
    }
  }
}
