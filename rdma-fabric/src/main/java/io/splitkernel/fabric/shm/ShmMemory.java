package io.splitkernel.fabric.shm;

import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.FabricMemory;
import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.MemFd;
import io.splitkernel.ffi.MemoryMap;
import io.splitkernel.ffi.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A memfd, mapped once here and once in each peer that uses a region of it. */
final class ShmMemory implements FabricMemory {
  private final ShmFabric fabric;
  private final int id;
  private final int fd;
  private final long base;
  private final long lengthBytes;
  private final boolean owned;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment segment;
  private int regions;
  private boolean closed;

  private ShmMemory(ShmFabric fabric, int id, int fd, long base, long lengthBytes, boolean owned) {
    this.owned = owned;
    this.fabric = fabric;
    this.id = id;
    this.fd = fd;
    this.base = base;
    this.lengthBytes = lengthBytes;
    this.segment = RawMemory.segment(base, lengthBytes, arena);
  }

  static ShmMemory allocate(ShmFabric fabric, int id, long lengthBytes, String label)
      throws FabricException {
    int fd = MemFd.create("lego-" + label, lengthBytes);
    if (fd < 0) {
      throw new FabricException(
          "memfd_create(lego-" + label + ", " + lengthBytes + " bytes): " + Errno.text(fd));
    }
    long base = MemoryMap.shared(fd, lengthBytes);
    if (MemoryMap.isError(base)) {
      FileDescriptor.close(fd);
      throw new FabricException(
          "mmap(lego-" + label + ", " + lengthBytes + " bytes): " + Errno.text(base));
    }
    return new ShmMemory(fabric, id, fd, base, lengthBytes, true);
  }

  /** The same bytes for another fabric of this process; this memory must outlive them. */
  synchronized ShmMemory adoptedBy(ShmFabric other, int otherId) throws FabricException {
    int copy = closed ? -1 : FileDescriptor.duplicate(fd);
    if (copy < 0) {
      throw new FabricException(
          "adopt: the memory is closed, or no descriptor is left (ulimit -n)");
    }
    return new ShmMemory(other, otherId, copy, base, lengthBytes, false);
  }

  int id() {
    return id;
  }

  long base() {
    return base;
  }

  boolean isOf(ShmFabric other) {
    return fabric == other;
  }

  /** Counts a region in; false when the memory is closed. */
  synchronized boolean retain() {
    if (!closed) {
      regions++;
    }
    return !closed;
  }

  synchronized void release() {
    regions--;
  }

  /** Hands the descriptor to a peer; false when the memory is closed or the peer does not read. */
  synchronized boolean sendTo(ControlChannel channel) {
    return !closed && channel.send(ControlMessage.memory(id, lengthBytes), fd);
  }

  @Override
  public MemorySegment segment() {
    return segment;
  }

  @Override
  public long lengthBytes() {
    return lengthBytes;
  }

  @Override
  public synchronized void discard(long offset, long length) throws FabricException {
    if (closed || offset < 0 || length < 0 || offset > lengthBytes - length) {
      throw new FabricException(
          "discard(offset="
              + offset
              + ", length="
              + length
              + "): outside the memory of "
              + lengthBytes
              + " bytes, or closed");
    }
    if (((offset | length) & (MemoryMap.PAGE_BYTES - 1)) != 0) {
      throw new FabricException(
          "discard(offset=" + offset + ", length=" + length + "): not page-aligned");
    }
    long result = length == 0 ? 0 : MemFd.punchHole(fd, offset, length);
    if (result < 0) {
      throw new FabricException(
          "fallocate(PUNCH_HOLE, offset="
              + offset
              + ", length="
              + length
              + "): "
              + Errno.text(result));
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      if (regions > 0) {
        throw new IllegalStateException(
            "memory of " + lengthBytes + " bytes still has " + regions + " registered regions");
      }
      closed = true;
    }
    fabric.forget(this);
    if (owned) {
      MemFd.punchHole(fd, 0, lengthBytes);
    }
    arena.close();
    if (owned) {
      MemoryMap.unmap(base, lengthBytes);
    }
    FileDescriptor.close(fd);
  }
}
