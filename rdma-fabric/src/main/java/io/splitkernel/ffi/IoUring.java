package io.splitkernel.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * One io_uring(7) that reads files. The thread that opened it only; {@link #read}, {@link #work}
 * and {@link #next} allocate nothing and do not wait for the device.
 */
public final class IoUring implements AutoCloseable {
  /** Most reads that can be under way in one. */
  public static final int ENTRIES_MAX = 4096;

  private static final long SYS_SETUP = 425;
  private static final long SYS_ENTER = 426;
  private static final long OFFSET_SQES = 0x10000000L;
  private static final int SETUP_COOP_TASKRUN = 1 << 8;
  private static final int FEATURE_SINGLE_MMAP = 1;
  private static final int ENTER_GETEVENTS = 1;
  private static final byte OP_READ = 22;

  /** struct io_uring_params and what of it is looked at. */
  private static final int PARAMS_BYTES = 120;

  private static final int PARAMS_SQ_ENTRIES = 0;
  private static final int PARAMS_CQ_ENTRIES = 4;
  private static final int PARAMS_FLAGS = 8;
  private static final int PARAMS_FEATURES = 20;
  private static final int PARAMS_SQ_TAIL = 44;
  private static final int PARAMS_SQ_ARRAY = 64;
  private static final int PARAMS_CQ_HEAD = 80;
  private static final int PARAMS_CQ_TAIL = 84;
  private static final int PARAMS_CQ_CQES = 100;

  /** struct io_uring_sqe. */
  private static final int SQE_BYTES = 64;

  private static final int SQE_FD = 4;
  private static final int SQE_OFFSET = 8;
  private static final int SQE_ADDRESS = 16;
  private static final int SQE_LENGTH = 24;
  private static final int SQE_USER_DATA = 32;

  /** struct io_uring_cqe. */
  private static final int CQE_BYTES = 16;

  private static final int CQE_RESULT = 8;

  private final int fd;
  private final long ring;
  private final long ringBytes;
  private final long sqes;
  private final int sqEntries;
  private final int cqEntries;
  private final long sqTail;
  private final long cqHead;
  private final long cqTail;
  private final long cqes;
  private int started;
  private int taken;
  private long token;
  private int result;

  private IoUring(int fd, MemorySegment params, long ring, long ringBytes, long sqes) {
    this.fd = fd;
    this.ring = ring;
    this.ringBytes = ringBytes;
    this.sqes = sqes;
    this.sqEntries = params.get(ValueLayout.JAVA_INT, PARAMS_SQ_ENTRIES);
    this.cqEntries = params.get(ValueLayout.JAVA_INT, PARAMS_CQ_ENTRIES);
    this.sqTail = ring + params.get(ValueLayout.JAVA_INT, PARAMS_SQ_TAIL);
    this.cqHead = ring + params.get(ValueLayout.JAVA_INT, PARAMS_CQ_HEAD);
    this.cqTail = ring + params.get(ValueLayout.JAVA_INT, PARAMS_CQ_TAIL);
    this.cqes = ring + params.get(ValueLayout.JAVA_INT, PARAMS_CQ_CQES);
    long array = ring + params.get(ValueLayout.JAVA_INT, PARAMS_SQ_ARRAY);
    for (int i = 0; i < sqEntries; i++) {
      RawMemory.putInt(array + 4L * i, i);
    }
  }

  /**
   * Opens one.
   *
   * @param entries reads under way at once, 1 to {@link #ENTRIES_MAX}; the kernel makes a power of
   *     two of it.
   * @return the ring, or null where the kernel has none, forbids it or has no memory for it.
   */
  public static IoUring open(int entries) {
    if (entries < 1 || entries > ENTRIES_MAX) {
      throw new IllegalArgumentException("entries " + entries + " is not in 1.." + ENTRIES_MAX);
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment params = arena.allocate(PARAMS_BYTES, 8);
      // Its successor DEFER_TASKRUN does not wake who waits for the descriptor (Linux 6.18).
      int fd = setup(entries, SETUP_COOP_TASKRUN, params); // from 5.19
      fd = fd == -Errno.EINVAL ? setup(entries, 0, params) : fd;
      if (fd < 0) {
        return null;
      }
      boolean single =
          (params.get(ValueLayout.JAVA_INT, PARAMS_FEATURES) & FEATURE_SINGLE_MMAP) != 0;
      IoUring opened = single ? map(fd, params) : null;
      if (opened == null) {
        FileDescriptor.close(fd);
      }
      return opened;
    }
  }

  private static int setup(int entries, int flags, MemorySegment params) {
    params.fill((byte) 0).set(ValueLayout.JAVA_INT, PARAMS_FLAGS, flags);
    return (int) Syscall.call(SYS_SETUP, entries, params.address(), 0);
  }

  private static IoUring map(int fd, MemorySegment params) {
    long sqEntries = params.get(ValueLayout.JAVA_INT, PARAMS_SQ_ENTRIES);
    long cqEntries = params.get(ValueLayout.JAVA_INT, PARAMS_CQ_ENTRIES);
    long ringBytes =
        Math.max(
            params.get(ValueLayout.JAVA_INT, PARAMS_SQ_ARRAY) + 4 * sqEntries,
            params.get(ValueLayout.JAVA_INT, PARAMS_CQ_CQES) + CQE_BYTES * cqEntries);
    long ring = MemoryMap.shared(fd, 0, ringBytes);
    if (MemoryMap.isError(ring)) {
      return null;
    }
    long sqes = MemoryMap.shared(fd, OFFSET_SQES, SQE_BYTES * sqEntries);
    if (MemoryMap.isError(sqes)) {
      MemoryMap.unmap(ring, ringBytes);
      return null;
    }
    return new IoUring(fd, params, ring, ringBytes, sqes);
  }

  /** For {@code epoll}: readable when {@link #next} will find that something has ended. */
  public int descriptor() {
    return fd;
  }

  /** Reads that were started and not taken by {@link #next} yet. */
  public int underWay() {
    return started - taken;
  }

  /**
   * Starts a read.
   *
   * @param file descriptor; may be closed as soon as this returns.
   * @param offset in it.
   * @param address where to; nobody may take this memory away, not even after {@link #close}, until
   *     the read was taken by {@link #next}.
   * @param lengthBytes to read.
   * @param tag comes back as {@link #token}.
   * @return false when as many as there is room for are under way, or the kernel takes none now.
   */
  public boolean read(int file, long offset, long address, int lengthBytes, long tag) {
    if (underWay() == sqEntries) {
      return false;
    }
    long sqe = sqes + (long) (started & sqEntries - 1) * SQE_BYTES;
    for (int at = 0; at < SQE_BYTES; at += 8) {
      RawMemory.putLong(sqe + at, 0);
    }
    RawMemory.putByte(sqe, OP_READ);
    RawMemory.putInt(sqe + SQE_FD, file);
    RawMemory.putLong(sqe + SQE_OFFSET, offset);
    RawMemory.putLong(sqe + SQE_ADDRESS, address);
    RawMemory.putInt(sqe + SQE_LENGTH, lengthBytes);
    RawMemory.putLong(sqe + SQE_USER_DATA, tag);
    RawMemory.putIntRelease(sqTail, started + 1);
    if (Syscall.call(SYS_ENTER, fd, 1, 0, 0, 0, 0) == 1) {
      started++;
      return true;
    }
    RawMemory.putIntRelease(sqTail, started); // the kernel looks at it in that call only
    return false;
  }

  /** Has the kernel do what is left to do of what the device has done; 0 or -errno. */
  public int work() {
    return (int) Syscall.call(SYS_ENTER, fd, 0, 0, ENTER_GETEVENTS, 0, 0);
  }

  /** Takes a read that has ended; false when there is none. */
  public boolean next() {
    int head = RawMemory.getInt(cqHead);
    if (head == RawMemory.getIntAcquire(cqTail)) {
      return false;
    }
    long cqe = cqes + (long) (head & cqEntries - 1) * CQE_BYTES;
    token = RawMemory.getLong(cqe);
    result = RawMemory.getInt(cqe + CQE_RESULT);
    RawMemory.putIntRelease(cqHead, head + 1);
    taken++;
    return true;
  }

  /** Tag of the read that was taken last. */
  public long token() {
    return token;
  }

  /** What it gave: bytes read, or -errno. */
  public int result() {
    return result;
  }

  /** Gives all back to the kernel, which ends by itself what is under way. */
  @Override
  public void close() {
    MemoryMap.unmap(sqes, (long) SQE_BYTES * sqEntries);
    MemoryMap.unmap(ring, ringBytes);
    FileDescriptor.close(fd);
  }
}
