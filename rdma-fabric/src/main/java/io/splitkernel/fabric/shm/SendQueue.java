package io.splitkernel.fabric.shm;

import io.splitkernel.fabric.CompletionBatch;
import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.Opcode;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Slots and completions of posted work requests, as in verbs: a request holds its slot until its
 * completion, or that of a later request, was polled. One producer, one polling thread.
 */
final class SendQueue implements CompletionSource {
  private static final VarHandle FREED;
  private static final VarHandle TAIL;
  private static final CompletionStatus[] STATUSES = CompletionStatus.values();
  private static final Opcode[] OPCODES = Opcode.values();

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      FREED = lookup.findVarHandle(SendQueue.class, "freed", long.class);
      TAIL = lookup.findVarHandle(SendQueue.class, "tail", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final int connectionNumber;
  private final int depth;
  private final int mask;
  private final long[] wrIds;
  private final long[] sequences;
  private final int[] lengths;
  private final byte[] statuses;
  private final byte[] opcodes;
  private long posted;
  private long head;

  @SuppressWarnings("unused") // through FREED
  private long freed;

  @SuppressWarnings("unused") // through TAIL
  private long tail;

  SendQueue(int connectionNumber, int depth) {
    this.connectionNumber = connectionNumber;
    this.depth = depth;
    int capacity = ConnectionMemory.capacity(depth);
    mask = capacity - 1;
    wrIds = new long[capacity];
    sequences = new long[capacity];
    lengths = new int[capacity];
    statuses = new byte[capacity];
    opcodes = new byte[capacity];
  }

  int capacity() {
    return mask + 1;
  }

  boolean isFull() {
    return posted - (long) FREED.getAcquire(this) >= depth;
  }

  /** Takes a slot; its number. */
  long take() {
    return posted++;
  }

  /** Publishes the completion of the request in slot {@code sequence}. */
  void complete(long sequence, long wrId, CompletionStatus status, Opcode opcode, int length) {
    long at = tail;
    int i = (int) at & mask;
    wrIds[i] = wrId;
    sequences[i] = sequence;
    lengths[i] = length;
    statuses[i] = (byte) status.ordinal();
    opcodes[i] = (byte) opcode.ordinal();
    TAIL.setRelease(this, at + 1);
  }

  @Override
  public void drain(CompletionBatch batch) {
    long at = head;
    long end = (long) TAIL.getAcquire(this);
    if (at == end) {
      return;
    }
    long last = -1;
    while (at < end && !batch.isFull()) {
      int i = (int) at & mask;
      batch.add(
          wrIds[i], STATUSES[statuses[i]], OPCODES[opcodes[i]], lengths[i], 0, connectionNumber);
      last = sequences[i];
      at++;
    }
    if (last >= 0) {
      head = at;
      FREED.setRelease(this, last + 1);
    }
  }

  @Override
  public boolean isReady() {
    return head < (long) TAIL.getAcquire(this);
  }
}
