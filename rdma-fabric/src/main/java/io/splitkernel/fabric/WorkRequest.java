package io.splitkernel.fabric;

/**
 * A reusable description of one operation. Not thread-safe; one instance (or one array of them) per
 * agent. Call one of the operation methods first, which resets everything, then add local buffers.
 */
public final class WorkRequest {
  /** Entries that one scatter list can have. */
  public static final int SCATTER_MAX = 16;

  // Bits of the shape, above the operation's number: what is not as in most requests.
  private static final int UNSIGNALLED = 1 << 8;
  private static final int INLINE = 1 << 9;
  private static final int NOT_ONE_BUFFER = 1 << 10;
  private static final int LAST_MOVE = Opcode.WRITE.ordinal();

  // The first local buffer, mostly the only one, has fields of its own: they need no check of
  // bounds.
  private final long[] addresses = new long[SCATTER_MAX];
  private final int[] lengths = new int[SCATTER_MAX];
  private final int[] lkeys = new int[SCATTER_MAX];
  private long firstAddress;
  private int firstLength;
  private int firstLkey;
  private Opcode opcode = Opcode.SEND;
  private long wrId;
  private long remoteAddress;
  private int rkey;
  private int immediate;
  private int shape;
  private long compareOrAdd;
  private long swap;
  private int scatterCount;
  private long lengthBytes;
  private int lengthSigns;

  /** RDMA READ of the remote range into the local buffers. */
  public WorkRequest read(long wrId, long remoteAddress, int rkey) {
    return reset(Opcode.READ, wrId, remoteAddress, rkey);
  }

  /** RDMA WRITE of the local buffers to the remote range. */
  public WorkRequest write(long wrId, long remoteAddress, int rkey) {
    return reset(Opcode.WRITE, wrId, remoteAddress, rkey);
  }

  /** RDMA WRITE that also consumes a receive at the target and hands it 32 bits. */
  public WorkRequest writeWithImmediate(long wrId, long remoteAddress, int rkey, int immediate) {
    reset(Opcode.WRITE_WITH_IMMEDIATE, wrId, remoteAddress, rkey);
    this.immediate = immediate;
    return this;
  }

  /** SEND of the local buffers into the peer's next receive. */
  public WorkRequest send(long wrId) {
    return reset(Opcode.SEND, wrId, 0, 0);
  }

  /**
   * Atomic compare-and-swap of 8 bytes, host byte order; the old value goes to the local buffer.
   */
  public WorkRequest compareAndSwap(
      long wrId, long remoteAddress, int rkey, long expected, long desired) {
    reset(Opcode.COMPARE_AND_SWAP, wrId, remoteAddress, rkey);
    this.compareOrAdd = expected;
    this.swap = desired;
    return this;
  }

  /** Atomic addition to 8 bytes, host byte order; the old value goes to the local buffer. */
  public WorkRequest fetchAndAdd(long wrId, long remoteAddress, int rkey, long delta) {
    reset(Opcode.FETCH_AND_ADD, wrId, remoteAddress, rkey);
    this.compareOrAdd = delta;
    return this;
  }

  private WorkRequest reset(Opcode operation, long id, long address, int key) {
    this.opcode = operation;
    this.wrId = id;
    this.remoteAddress = address;
    this.rkey = key;
    this.immediate = 0;
    this.shape = operation.ordinal() | NOT_ONE_BUFFER;
    this.compareOrAdd = 0;
    this.swap = 0;
    this.scatterCount = 0;
    this.lengthBytes = 0;
    this.lengthSigns = 0;
    return this;
  }

  /**
   * Appends a local buffer.
   *
   * @param lkey of a region of the connection's protection domain; ignored for inline requests,
   *     whose address is then an address of this process.
   * @param address in the region's iova.
   * @param lengthBytes 0 or more.
   * @return this.
   * @throws IndexOutOfBoundsException beyond {@link #SCATTER_MAX} entries.
   */
  public WorkRequest local(int lkey, long address, int lengthBytes) {
    if (scatterCount == 0) {
      firstLkey = lkey;
      firstAddress = address;
      firstLength = lengthBytes;
      shape = lengthBytes > 0 ? shape & ~NOT_ONE_BUFFER : shape;
    } else {
      shape |= NOT_ONE_BUFFER;
      lkeys[scatterCount] = lkey;
      addresses[scatterCount] = address;
      lengths[scatterCount] = lengthBytes;
    }
    scatterCount++;
    this.lengthBytes += lengthBytes;
    lengthSigns |= lengthBytes;
    return this;
  }

  /** No completion when it succeeds; a later signalled request of the queue vouches for it. */
  public WorkRequest unsignalled() {
    this.shape |= UNSIGNALLED;
    return this;
  }

  /** The payload is copied while posting; SEND and WRITE only. */
  public WorkRequest inline() {
    this.shape |= INLINE;
    return this;
  }

  /** Takes over every field of another request, local buffers included. */
  public WorkRequest copyFrom(WorkRequest other) {
    reset(other.opcode, other.wrId, other.remoteAddress, other.rkey);
    immediate = other.immediate;
    shape = other.shape;
    compareOrAdd = other.compareOrAdd;
    swap = other.swap;
    scatterCount = other.scatterCount;
    lengthBytes = other.lengthBytes;
    lengthSigns = other.lengthSigns;
    firstAddress = other.firstAddress;
    firstLength = other.firstLength;
    firstLkey = other.firstLkey;
    for (int i = 1; i < scatterCount; i++) {
      addresses[i] = other.addresses[i];
      lengths[i] = other.lengths[i];
      lkeys[i] = other.lkeys[i];
    }
    return this;
  }

  /** Operation. */
  public Opcode opcode() {
    return opcode;
  }

  /** Token returned in the completion. */
  public long wrId() {
    return wrId;
  }

  /** Address at the target. */
  public long remoteAddress() {
    return remoteAddress;
  }

  /** Key for the target range. */
  public int rkey() {
    return rkey;
  }

  /** Immediate data, host byte order. */
  public int immediate() {
    return immediate;
  }

  /** Whether success makes a completion. */
  public boolean isSignalled() {
    return (shape & UNSIGNALLED) == 0;
  }

  /** Whether the payload is inline. */
  public boolean isInline() {
    return (shape & INLINE) != 0;
  }

  /**
   * For providers: a signalled READ or WRITE of one local buffer with at least one byte, not
   * inline. Most requests are, and need no further look at what they are.
   */
  public boolean isPlainMove() {
    return shape <= LAST_MOVE;
  }

  /** Expected value of a compare-and-swap, or the addend. */
  public long compareOrAdd() {
    return compareOrAdd;
  }

  /** Desired value of a compare-and-swap. */
  public long swap() {
    return swap;
  }

  /** Number of local buffers. */
  public int scatterCount() {
    return scatterCount;
  }

  /** Bytes of all local buffers together; -1 when the length of one is negative. */
  public long lengthBytes() {
    return lengthSigns < 0 ? -1 : lengthBytes;
  }

  /** Address of local buffer {@code i}. */
  public long localAddress(int i) {
    return i == 0 ? firstAddress : addresses[i];
  }

  /** Length of local buffer {@code i} in bytes. */
  public int localLength(int i) {
    return i == 0 ? firstLength : lengths[i];
  }

  /** Key of local buffer {@code i}. */
  public int localKey(int i) {
    return i == 0 ? firstLkey : lkeys[i];
  }
}
