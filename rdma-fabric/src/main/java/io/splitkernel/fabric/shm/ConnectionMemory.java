package io.splitkernel.fabric.shm;

import io.splitkernel.fabric.FabricException;
import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.MemFd;
import io.splitkernel.ffi.MemoryMap;
import io.splitkernel.ffi.RawMemory;

/**
 * What the two ends of a connection share. Side 0 connected, side 1 accepted; each has a block of
 * words, a cache line or more apart, and a ring of posted receives.
 */
final class ConnectionMemory implements AutoCloseable {
  /** Of the initiator: odd while an operation runs; +8: the key it uses, 0 when unknown. */
  private static final long OPERATION = 0;

  /** Not 0 when the side is in error; written by both. */
  private static final long ERROR = 128;

  /** Receives that the side has posted. */
  private static final long RECEIVES_POSTED = 256;

  /** Receives of the side that its peer has consumed. */
  private static final long RECEIVES_COMPLETED = 384;

  /** 1 while the side, as sender, sleeps until its peer posts a receive. */
  private static final long SENDER_WAITS = 512;

  private static final long SIDE_BYTES = 1024;
  private static final long RINGS = 4096;

  /** Of one posted receive: what the owner posts ... */
  static final long ENTRY_ADDRESS = 0;

  static final long ENTRY_LENGTH = 8;
  static final long ENTRY_KEY = 12;

  /** ... and what the peer answers. */
  static final long ENTRY_RECEIVED = 16;

  static final long ENTRY_IMMEDIATE = 20;
  static final long ENTRY_STATUS = 24;
  static final long ENTRY_OPCODE = 28;
  private static final int ENTRY_SHIFT = 6;

  private final long base;
  private final long bytes;
  private final long ownSide;
  private final long peerSide;
  private final long ownRing;
  private final long peerRing;
  private final int ownMask;
  private final int peerMask;
  private boolean closed;

  private ConnectionMemory(long base, long bytes, int side, int[] capacities) {
    this.base = base;
    this.bytes = bytes;
    this.ownSide = base + side * SIDE_BYTES;
    this.peerSide = base + (1 - side) * SIDE_BYTES;
    long second = base + RINGS + ((long) capacities[0] << ENTRY_SHIFT);
    this.ownRing = side == 0 ? base + RINGS : second;
    this.peerRing = side == 0 ? second : base + RINGS;
    this.ownMask = capacities[side] - 1;
    this.peerMask = capacities[1 - side] - 1;
  }

  private static int[] capacities(int connectorDepth, int acceptorDepth) {
    return new int[] {capacity(connectorDepth), capacity(acceptorDepth)};
  }

  static int capacity(int depth) {
    return depth == 1 ? 1 : Integer.highestOneBit(depth - 1) << 1;
  }

  static long bytes(int connectorDepth, int acceptorDepth) {
    int[] capacities = capacities(connectorDepth, acceptorDepth);
    long end = RINGS + (((long) capacities[0] + capacities[1]) << ENTRY_SHIFT);
    return (end + 4095) & -4096;
  }

  /** Maps the memory behind {@code fd}, which stays the caller's. */
  static ConnectionMemory map(int fd, int side, int connectorDepth, int acceptorDepth)
      throws FabricException {
    long bytes = bytes(connectorDepth, acceptorDepth);
    if (!MemFd.isSealed(fd, bytes)) {
      throw new FabricException("the peer sent connection memory of another size; same version?");
    }
    long base = MemoryMap.shared(fd, bytes);
    if (MemoryMap.isError(base)) {
      throw new FabricException(
          "mmap(connection memory, " + bytes + " bytes): " + Errno.text(base));
    }
    return new ConnectionMemory(base, bytes, side, capacities(connectorDepth, acceptorDepth));
  }

  /** Creates the file for {@link #map}. */
  static int create(int connectorDepth, int acceptorDepth) throws FabricException {
    long bytes = bytes(connectorDepth, acceptorDepth);
    int fd = MemFd.create("lego-shm-connection", bytes);
    if (fd < 0) {
      FileDescriptor.close(fd);
      throw new FabricException(
          "memfd_create(lego-shm-connection, " + bytes + " bytes): " + Errno.text(fd));
    }
    return fd;
  }

  /** Announces an operation of this side; {@code sequence} is odd. A full fence. */
  void beginOperation(int key, long sequence) {
    RawMemory.putInt(ownSide + OPERATION + 8, key);
    RawMemory.putLongFenced(ownSide + OPERATION, sequence);
  }

  /** Ends it; {@code sequence} is even. */
  void endOperation(long sequence) {
    RawMemory.putLongRelease(ownSide + OPERATION, sequence);
  }

  /** The peer's operation word: odd while it operates on this side's memory. */
  long peerOperation() {
    return RawMemory.getLongAcquire(peerSide + OPERATION);
  }

  /** Key of the peer's running operation, or 0 when unknown. */
  int peerOperationKey() {
    return RawMemory.getInt(peerSide + OPERATION + 8);
  }

  boolean isOwnError() {
    return RawMemory.getIntAcquire(ownSide + ERROR) != 0;
  }

  boolean isPeerError() {
    return RawMemory.getIntAcquire(peerSide + ERROR) != 0;
  }

  /** Any thread, also after {@link #close}, then without effect. */
  synchronized void markOwnError() {
    if (!closed) {
      RawMemory.putIntFenced(ownSide + ERROR, 1);
    }
  }

  /** Any thread, also after {@link #close}, then without effect. */
  synchronized void markPeerError() {
    if (!closed) {
      RawMemory.putIntFenced(peerSide + ERROR, 1);
    }
  }

  /** Address of the entry of this side's receive {@code number}. */
  long ownReceive(long number) {
    return ownRing + ((number & ownMask) << ENTRY_SHIFT);
  }

  /** Address of the entry of the peer's receive {@code number}. */
  long peerReceive(long number) {
    return peerRing + ((number & peerMask) << ENTRY_SHIFT);
  }

  void publishReceives(long posted) {
    RawMemory.putLongFenced(ownSide + RECEIVES_POSTED, posted);
  }

  long peerReceivesPosted() {
    return RawMemory.getLongAcquire(peerSide + RECEIVES_POSTED);
  }

  void completePeerReceives(long completed) {
    RawMemory.putLongFenced(peerSide + RECEIVES_COMPLETED, completed);
  }

  /** In error, when the peer does not complete any more: this side counts flushed receives. */
  void completeOwnReceives(long completed) {
    RawMemory.putLongRelease(ownSide + RECEIVES_COMPLETED, completed);
  }

  long receivesCompleted() {
    return RawMemory.getLongAcquire(ownSide + RECEIVES_COMPLETED);
  }

  void setSenderWaits(boolean waits) {
    RawMemory.putIntFenced(ownSide + SENDER_WAITS, waits ? 1 : 0);
  }

  boolean isPeerSenderWaiting() {
    return RawMemory.getIntAcquire(peerSide + SENDER_WAITS) != 0;
  }

  @Override
  public synchronized void close() {
    closed = true;
    MemoryMap.unmap(base, bytes);
  }
}
