package io.splitkernel.fabric.shm;

import io.splitkernel.fabric.CompletionBatch;
import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.Opcode;
import io.splitkernel.ffi.RawMemory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Receives that this end posts and its peer consumes. The peer's answers are read from shared
 * memory and believed only within what was posted. One posting thread, one polling thread.
 */
final class ReceiveQueue implements CompletionSource {
  private static final VarHandle POSTED;
  private static final VarHandle POLLED;
  private static final CompletionStatus[] STATUSES = CompletionStatus.values();

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      POSTED = lookup.findVarHandle(ReceiveQueue.class, "posted", long.class);
      POLLED = lookup.findVarHandle(ReceiveQueue.class, "polled", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final ShmConnection connection;
  private final ConnectionMemory memory;
  private final int depth;
  private final int mask;
  private final long[] wrIds;
  private final int[] lengths;
  private long posted;
  private long polled;
  private long peerOperationSeen;

  ReceiveQueue(ShmConnection connection, ConnectionMemory memory, int depth) {
    this.connection = connection;
    this.memory = memory;
    this.depth = depth;
    int capacity = ConnectionMemory.capacity(depth);
    mask = capacity - 1;
    wrIds = new long[capacity];
    lengths = new int[capacity];
  }

  int capacity() {
    return mask + 1;
  }

  boolean isFull() {
    return posted - (long) POLLED.getAcquire(this) >= depth;
  }

  /** Makes a buffer visible to the peer; a full fence follows. */
  void post(long wrId, int lkey, long address, int lengthBytes) {
    long number = posted;
    int i = (int) number & mask;
    wrIds[i] = wrId;
    lengths[i] = lengthBytes;
    long entry = memory.ownReceive(number);
    RawMemory.putLong(entry + ConnectionMemory.ENTRY_ADDRESS, address);
    RawMemory.putInt(entry + ConnectionMemory.ENTRY_LENGTH, lengthBytes);
    RawMemory.putInt(entry + ConnectionMemory.ENTRY_KEY, lkey);
    POSTED.setRelease(this, number + 1);
    memory.publishReceives(number + 1);
  }

  @Override
  public void drain(CompletionBatch batch) {
    drainCompleted(batch);
    if (!batch.isFull() && isFlushable()) {
      drainCompleted(batch);
      flush(batch);
    }
  }

  private void drainCompleted(CompletionBatch batch) {
    long at = polled;
    long end = memory.receivesCompleted();
    if (at == end) {
      return;
    }
    if (end < at || end > (long) POSTED.getAcquire(this)) {
      connection.fail("the peer completed receives that were never posted", false);
      return;
    }
    while (at < end && !batch.isFull()) {
      addCompleted(batch, at++);
    }
    POLLED.setRelease(this, at);
  }

  private void addCompleted(CompletionBatch batch, long number) {
    int i = (int) number & mask;
    long entry = memory.ownReceive(number);
    int code = RawMemory.getInt(entry + ConnectionMemory.ENTRY_STATUS);
    boolean immediate = RawMemory.getInt(entry + ConnectionMemory.ENTRY_OPCODE) != 0;
    int length = RawMemory.getInt(entry + ConnectionMemory.ENTRY_RECEIVED);
    boolean credible =
        code >= 0 && code < STATUSES.length && length >= 0 && (immediate || length <= lengths[i]);
    CompletionStatus status = credible ? STATUSES[code] : CompletionStatus.LOCAL_QP_OPERATION_ERROR;
    batch.add(
        wrIds[i],
        status,
        immediate ? Opcode.RECEIVE_WITH_IMMEDIATE : Opcode.RECEIVE,
        credible ? length : 0,
        RawMemory.getInt(entry + ConnectionMemory.ENTRY_IMMEDIATE),
        connection.number());
    if (status != CompletionStatus.SUCCESS) {
      connection.fail("a receive ended with " + status, false);
    }
  }

  /** In error, and the peer is not writing into a posted buffer any more. */
  private boolean isFlushable() {
    if (!connection.isFailed() || polled == (long) POSTED.getAcquire(this)) {
      return false;
    }
    long operation = memory.peerOperation();
    if ((operation & 1) == 0 || connection.isPeerGone()) {
      return true;
    }
    if (peerOperationSeen == 0) {
      peerOperationSeen = operation;
    }
    return peerOperationSeen != operation;
  }

  private void flush(CompletionBatch batch) {
    long at = polled;
    long end = (long) POSTED.getAcquire(this);
    if (memory.receivesCompleted() != at) {
      return;
    }
    while (at < end && !batch.isFull()) {
      batch.add(
          wrIds[(int) at++ & mask],
          CompletionStatus.FLUSHED,
          Opcode.RECEIVE,
          0,
          0,
          connection.number());
    }
    POLLED.setRelease(this, at);
    memory.completeOwnReceives(at);
  }

  @Override
  public boolean isReady() {
    return memory.receivesCompleted() != polled || isFlushable();
  }
}
