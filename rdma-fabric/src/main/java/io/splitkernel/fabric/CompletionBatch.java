package io.splitkernel.fabric;

/** A reusable array of completions, filled by {@link CompletionQueue#poll}. Not thread-safe. */
public final class CompletionBatch {
  private final long[] wrIds;
  private final CompletionStatus[] statuses;
  private final Opcode[] opcodes;
  private final int[] lengths;
  private final int[] immediates;
  private final int[] connections;
  private int count;
  private int held;

  /**
   * @param capacity most completions that one poll returns.
   */
  public CompletionBatch(int capacity) {
    wrIds = new long[capacity];
    statuses = new CompletionStatus[capacity];
    opcodes = new Opcode[capacity];
    lengths = new int[capacity];
    immediates = new int[capacity];
    connections = new int[capacity];
  }

  /** Most completions that it can hold. */
  public int capacity() {
    return wrIds.length;
  }

  /** Completions that it holds. */
  public int count() {
    return count;
  }

  /** For providers: empties the batch, but for what is held. */
  public void clear() {
    count = held;
  }

  /** For a provider made of others: {@link #clear} spares what is in it now, so that they add. */
  public void hold() {
    held = count;
  }

  /** For a provider made of others: ends {@link #hold}. */
  public void release() {
    held = 0;
  }

  /** For providers: true when nothing more fits. */
  public boolean isFull() {
    return count == wrIds.length;
  }

  /** For providers: appends one completion; the batch must not be full. */
  public void add(
      long wrId,
      CompletionStatus status,
      Opcode opcode,
      int lengthBytes,
      int immediate,
      int connectionNumber) {
    int i = count++;
    wrIds[i] = wrId;
    statuses[i] = status;
    opcodes[i] = opcode;
    lengths[i] = lengthBytes;
    immediates[i] = immediate;
    connections[i] = connectionNumber;
  }

  /** Token of completion {@code i}. */
  public long wrId(int i) {
    return wrIds[i];
  }

  /** Status of completion {@code i}. */
  public CompletionStatus status(int i) {
    return statuses[i];
  }

  /** Operation of completion {@code i}; undefined unless the status is SUCCESS. */
  public Opcode opcode(int i) {
    return opcodes[i];
  }

  /** Bytes received or moved by completion {@code i}. */
  public int lengthBytes(int i) {
    return lengths[i];
  }

  /** Immediate data of completion {@code i}, host byte order. */
  public int immediate(int i) {
    return immediates[i];
  }

  /** {@link Connection#number} of the connection of completion {@code i}. */
  public int connectionNumber(int i) {
    return connections[i];
  }
}
