package io.splitkernel.fabric;

/** A reusable array of completions, filled by {@link CompletionQueue#poll}. Not thread-safe. */
public final class CompletionBatch {
  private static final CompletionStatus[] STATUSES = CompletionStatus.values();
  private static final Opcode[] OPCODES = Opcode.values();
  private static final int OPCODE_SHIFT = 32;
  private static final int STATUS_SHIFT = 40;
  private static final int BYTE_MASK = 0xff;

  // plain numbers side by side: a reference in an array costs a card mark for each completion
  private static final int STRIDE = 3;
  private static final int LENGTH_AND_IMMEDIATE = 1;
  private static final int CONNECTION_AND_KIND = 2;

  private final int capacity;
  private final long[] entries;
  private int count;
  private int held;
  private int failures; // not 0 when one is not a success
  private int heldFailures;

  /**
   * @param capacity most completions that one poll returns.
   */
  public CompletionBatch(int capacity) {
    this.capacity = capacity;
    entries = new long[Math.multiplyExact(capacity, STRIDE)];
  }

  /** Most completions that it can hold. */
  public int capacity() {
    return capacity;
  }

  /** Completions that it holds. */
  public int count() {
    return count;
  }

  /** For providers: empties the batch, but for what is held. */
  public void clear() {
    count = held;
    failures = heldFailures;
  }

  /** For a provider made of others: {@link #clear} spares what is in it now, so that they add. */
  public void hold() {
    held = count;
    heldFailures = failures;
  }

  /** For a provider made of others: ends {@link #hold}. */
  public void release() {
    held = 0;
    heldFailures = 0;
  }

  /** For providers: true when nothing more fits. */
  public boolean isFull() {
    return count == capacity;
  }

  /** For providers: appends one completion; the batch must not be full. */
  public void add(
      long wrId,
      CompletionStatus status,
      Opcode opcode,
      int lengthBytes,
      int immediate,
      int connectionNumber) {
    add(wrId, status, opcode.ordinal(), lengthBytes, immediate, connectionNumber);
  }

  /** For providers: as above, with the ordinal of the {@link Opcode}. */
  public void add(
      long wrId,
      CompletionStatus status,
      int operation,
      int lengthBytes,
      int immediate,
      int connectionNumber) {
    int at = count * STRIDE;
    entries[at] = wrId;
    entries[at + LENGTH_AND_IMMEDIATE] = pair(lengthBytes, immediate);
    int code = status.ordinal();
    int kind = code << (STATUS_SHIFT - OPCODE_SHIFT) | operation;
    entries[at + CONNECTION_AND_KIND] = pair(connectionNumber, kind);
    failures |= code;
    count++;
  }

  /** Whether every completion in it is a {@link CompletionStatus#SUCCESS}. */
  public boolean isAllSuccess() {
    return failures == 0;
  }

  private static long pair(int low, int high) {
    return (low & 0xffff_ffffL) | (long) high << Integer.SIZE;
  }

  /** Token of completion {@code i}. */
  public long wrId(int i) {
    return entries[i * STRIDE];
  }

  /** Status of completion {@code i}. */
  public CompletionStatus status(int i) {
    return STATUSES[(int) (entries[i * STRIDE + CONNECTION_AND_KIND] >>> STATUS_SHIFT)];
  }

  /** Operation of completion {@code i}; undefined unless the status is SUCCESS. */
  public Opcode opcode(int i) {
    long kind = entries[i * STRIDE + CONNECTION_AND_KIND] >>> OPCODE_SHIFT;
    return OPCODES[(int) kind & BYTE_MASK];
  }

  /** Bytes received or moved by completion {@code i}. */
  public int lengthBytes(int i) {
    return (int) entries[i * STRIDE + LENGTH_AND_IMMEDIATE];
  }

  /** Immediate data of completion {@code i}, host byte order. */
  public int immediate(int i) {
    return (int) (entries[i * STRIDE + LENGTH_AND_IMMEDIATE] >>> Integer.SIZE);
  }

  /** {@link Connection#number} of the connection of completion {@code i}. */
  public int connectionNumber(int i) {
    return (int) entries[i * STRIDE + CONNECTION_AND_KIND];
  }
}
