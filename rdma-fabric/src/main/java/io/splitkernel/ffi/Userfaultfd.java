package io.splitkernel.ffi;

/**
 * The calls of userfaultfd(2) and ioctl_userfaultfd(2), with their argument block. One instance per
 * thread; data path, allocates nothing. Every result is the kernel's: a count, 0, or {@code
 * -errno}.
 */
public final class Userfaultfd implements AutoCloseable {
  /** UFFD_FEATURE_PAGEFAULT_FLAG_WP. */
  public static final long FEATURE_PAGEFAULT_FLAG_WP = 1L;

  /** UFFD_FEATURE_EVENT_FORK. */
  public static final long FEATURE_EVENT_FORK = 1L << 1;

  /** UFFD_FEATURE_THREAD_ID. */
  public static final long FEATURE_THREAD_ID = 1L << 8;

  /** UFFD_FEATURE_MOVE, since Linux 6.8. */
  public static final long FEATURE_MOVE = 1L << 16;

  /** UFFDIO_REGISTER_MODE_MISSING. */
  public static final long REGISTER_MISSING = 1;

  /** UFFDIO_REGISTER_MODE_WP. */
  public static final long REGISTER_WP = 2;

  /** UFFDIO_COPY_MODE_DONTWAKE. */
  public static final long COPY_DONTWAKE = 1;

  /** UFFDIO_COPY_MODE_WP. */
  public static final long COPY_WP = 2;

  /** UFFD_EVENT_PAGEFAULT. */
  public static final int EVENT_PAGEFAULT = 0x12;

  /** UFFD_EVENT_FORK. */
  public static final int EVENT_FORK = 0x13;

  /** UFFD_PAGEFAULT_FLAG_WRITE. */
  public static final int FLAG_WRITE = 1;

  /** UFFD_PAGEFAULT_FLAG_WP. */
  public static final int FLAG_WP = 2;

  /** Messages that one {@link #read} takes at most. */
  public static final int MESSAGES_MAX = 32;

  private static final long SYS_READ = 0;
  private static final long SYS_OPEN = 2;
  private static final long SYS_CLOSE = 3;
  private static final long SYS_IOCTL = 16;
  private static final long SYS_USERFAULTFD = 323;
  private static final long CLOEXEC_NONBLOCK = 0x80000 | 0x800;
  private static final long IOC_NEW = 0xAA00L;
  private static final long IOC_API = 0xC018AA3FL;
  private static final long IOC_REGISTER = 0xC020AA00L;
  private static final long IOC_UNREGISTER = 0x8010AA01L;
  private static final long IOC_WAKE = 0x8010AA02L;
  private static final long IOC_COPY = 0xC028AA03L;
  private static final long IOC_ZEROPAGE = 0xC020AA04L;
  private static final long IOC_MOVE = 0xC028AA05L;
  private static final long IOC_WRITEPROTECT = 0xC018AA06L;
  private static final int MESSAGE_BYTES = 32;
  private static final int ARGUMENT_BYTES = 64;

  private final long memory = RawMemory.map(ARGUMENT_BYTES + MESSAGES_MAX * MESSAGE_BYTES);
  private final long argument = memory;
  private final long messages = memory + ARGUMENT_BYTES;

  /** Opens a userfaultfd of this process, {@code /dev/userfaultfd} first; descriptor or -errno. */
  public int open() {
    RawMemory.putLong(argument, 0x6573752f7665642fL); // "/dev/userfaultfd" in two words
    RawMemory.putLong(argument + 8, 0x6466746c75616672L);
    RawMemory.putLong(argument + 16, 0);
    long device = Syscall.call(SYS_OPEN, argument, 2 | 0x80000, 0);
    if (device < 0) {
      return (int) Syscall.call(SYS_USERFAULTFD, CLOEXEC_NONBLOCK, 0, 0);
    }
    long fd = Syscall.call(SYS_IOCTL, device, IOC_NEW, CLOEXEC_NONBLOCK);
    Syscall.call(SYS_CLOSE, device, 0, 0);
    return (int) fd;
  }

  /** UFFDIO_API with the given features; 0 or -errno. */
  public int api(int fd, long features) {
    RawMemory.putLong(argument, 0xAA);
    RawMemory.putLong(argument + 8, features);
    RawMemory.putLong(argument + 16, 0);
    return (int) Syscall.call(SYS_IOCTL, fd, IOC_API, argument);
  }

  /** UFFDIO_REGISTER; 0 or -errno. */
  public int register(int fd, long start, long lengthBytes, long mode) {
    range(start, lengthBytes);
    RawMemory.putLong(argument + 16, mode);
    RawMemory.putLong(argument + 24, 0);
    return (int) Syscall.call(SYS_IOCTL, fd, IOC_REGISTER, argument);
  }

  /** UFFDIO_UNREGISTER; 0 or -errno. */
  public int unregister(int fd, long start, long lengthBytes) {
    range(start, lengthBytes);
    return (int) Syscall.call(SYS_IOCTL, fd, IOC_UNREGISTER, argument);
  }

  /** UFFDIO_WAKE; 0 or -errno. */
  public int wake(int fd, long start, long lengthBytes) {
    range(start, lengthBytes);
    return (int) Syscall.call(SYS_IOCTL, fd, IOC_WAKE, argument);
  }

  /**
   * UFFDIO_COPY.
   *
   * @return bytes copied, which may be less than asked for, or -errno when nothing was.
   */
  public long copy(int fd, long to, long from, long lengthBytes, long mode) {
    return transfer(IOC_COPY, fd, to, from, lengthBytes, mode);
  }

  /** UFFDIO_MOVE, by the owner of the address space only; bytes moved, or -errno. */
  public long move(int fd, long to, long from, long lengthBytes, long mode) {
    return transfer(IOC_MOVE, fd, to, from, lengthBytes, mode);
  }

  private long transfer(long request, int fd, long to, long from, long lengthBytes, long mode) {
    RawMemory.putLong(argument, to);
    RawMemory.putLong(argument + 8, from);
    RawMemory.putLong(argument + 16, lengthBytes);
    RawMemory.putLong(argument + 24, mode);
    RawMemory.putLong(argument + 32, 0);
    long result = Syscall.call(SYS_IOCTL, fd, request, argument);
    if (result == 0) {
      return lengthBytes;
    }
    long moved = RawMemory.getLong(argument + 32);
    return moved > 0 ? moved : result;
  }

  /** UFFDIO_ZEROPAGE; bytes mapped, or -errno when none were. */
  public long zeroPage(int fd, long start, long lengthBytes) {
    range(start, lengthBytes);
    RawMemory.putLong(argument + 16, 0);
    RawMemory.putLong(argument + 24, 0);
    long result = Syscall.call(SYS_IOCTL, fd, IOC_ZEROPAGE, argument);
    if (result == 0) {
      return lengthBytes;
    }
    long mapped = RawMemory.getLong(argument + 24);
    return mapped > 0 ? mapped : result;
  }

  /** UFFDIO_WRITEPROTECT: protects, or lifts the protection and wakes; 0 or -errno. */
  public int writeProtect(int fd, long start, long lengthBytes, boolean on) {
    range(start, lengthBytes);
    RawMemory.putLong(argument + 16, on ? 1 : 0);
    return (int) Syscall.call(SYS_IOCTL, fd, IOC_WRITEPROTECT, argument);
  }

  private void range(long start, long lengthBytes) {
    RawMemory.putLong(argument, start);
    RawMemory.putLong(argument + 8, lengthBytes);
  }

  /**
   * Reads messages that are there.
   *
   * @param fd a non-blocking userfaultfd.
   * @return how many, or -errno (EAGAIN when there is none).
   */
  public int read(int fd) {
    long bytes = Syscall.call(SYS_READ, fd, messages, (long) MESSAGES_MAX * MESSAGE_BYTES);
    return bytes < 0 ? (int) bytes : (int) (bytes / MESSAGE_BYTES);
  }

  /** Event of message {@code i} of the last read. */
  public int event(int i) {
    return RawMemory.getByte(message(i)) & 0xFF;
  }

  /** Flags of page-fault message {@code i}, such as {@link #FLAG_WRITE}. */
  public int flags(int i) {
    return (int) RawMemory.getLong(message(i) + 8);
  }

  /** Address of page-fault message {@code i}. */
  public long address(int i) {
    return RawMemory.getLong(message(i) + 16);
  }

  /** Descriptor of the child's userfaultfd in fork message {@code i}. */
  public int forkedDescriptor(int i) {
    return RawMemory.getInt(message(i) + 8);
  }

  private long message(int i) {
    return messages + (long) i * MESSAGE_BYTES;
  }

  @Override
  public void close() {
    RawMemory.unmap(memory, ARGUMENT_BYTES + MESSAGES_MAX * MESSAGE_BYTES);
  }
}
