package io.splitkernel.fabric.verbs;

import io.splitkernel.fabric.MemoryRegion;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.rdma.Verbs;
import io.splitkernel.ffi.rdma.VerbsLayout;

/** An ibv_mr. */
final class VerbsRegion implements MemoryRegion {
  private static final int LKEY = VerbsLayout.of("ibv_mr.lkey");
  private static final int RKEY = VerbsLayout.of("ibv_mr.rkey");

  private final VerbsProtectionDomain domain;
  private final VerbsMemory memory;
  private final long mr;
  private final int lkey;
  private final int rkey;
  private final long iova;
  private final long lengthBytes;
  private boolean closed;

  VerbsRegion(
      VerbsProtectionDomain domain, VerbsMemory memory, long mr, long iova, long lengthBytes) {
    this.domain = domain;
    this.memory = memory;
    this.mr = mr;
    this.lkey = RawMemory.getInt(mr + LKEY);
    this.rkey = RawMemory.getInt(mr + RKEY);
    this.iova = iova;
    this.lengthBytes = lengthBytes;
  }

  @Override
  public int lkey() {
    return lkey;
  }

  @Override
  public int rkey() {
    return rkey;
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
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    int result = Verbs.deregMr(mr);
    domain.forget(this);
    memory.release();
    if (result != 0) {
      throw new IllegalStateException(
          "ibv_dereg_mr of " + lengthBytes + " bytes: " + io.splitkernel.ffi.Errno.text(result));
    }
  }
}
