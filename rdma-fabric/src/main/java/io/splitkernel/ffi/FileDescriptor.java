package io.splitkernel.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** System calls on any file descriptor: close(2), fcntl(2), open(2), fstat(2), poll(2). */
public final class FileDescriptor {
  private static final long SYS_OPEN = 2;
  private static final long SYS_CLOSE = 3;
  private static final long SYS_FSTAT = 5;
  private static final long SYS_FCNTL = 72;
  private static final long SYS_PPOLL = 271;
  private static final long F_DUPFD_CLOEXEC = 1030;
  private static final long F_SETFL = 4;
  private static final long O_NONBLOCK = 0x800;
  private static final long O_CLOEXEC = 0x80000;
  private static final int STAT_BYTES = 144;
  private static final int STAT_DEV = 0;
  private static final int STAT_INO = 8;
  private static final int STAT_SIZE = 48;
  private static final short POLLIN = 1;
  private static final short POLLHUP = 0x10;

  private FileDescriptor() {}

  /**
   * What fstat(2) says.
   *
   * @param device of the file.
   * @param inode of the file; with the device the file's identity.
   * @param sizeBytes of the file.
   */
  public record Status(long device, long inode, long sizeBytes) {}

  /** Makes reads from a descriptor answer EAGAIN instead of waiting (O_NONBLOCK); 0 or -errno. */
  public static int setNonBlocking(int fd) {
    return (int) Syscall.call(SYS_FCNTL, fd, F_SETFL, O_NONBLOCK);
  }

  /** close(2); negative descriptors are ignored. */
  public static void close(int fd) {
    if (fd >= 0) {
      Syscall.call(SYS_CLOSE, fd, 0, 0);
    }
  }

  /** A second descriptor of the same open file, or -errno. */
  public static int duplicate(int fd) {
    return (int) Syscall.call(SYS_FCNTL, fd, F_DUPFD_CLOEXEC, 0);
  }

  /** Opens the file behind a descriptor again, for reading only; a new descriptor or -errno. */
  public static int reopenReadOnly(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment path = arena.allocateFrom("/proc/self/fd/" + fd);
      return (int) Syscall.call(SYS_OPEN, path.address(), O_CLOEXEC, 0);
    }
  }

  /** fstat(2), or null when the descriptor is bad. */
  public static Status status(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stat = arena.allocate(STAT_BYTES, 8);
      if (Syscall.call(SYS_FSTAT, fd, stat.address(), 0) < 0) {
        return null;
      }
      return new Status(
          stat.get(ValueLayout.JAVA_LONG, STAT_DEV),
          stat.get(ValueLayout.JAVA_LONG, STAT_INO),
          stat.get(ValueLayout.JAVA_LONG, STAT_SIZE));
    }
  }

  /** Waits until the descriptor is readable: 1, 0 after the time, or -errno. */
  public static int awaitReadable(int fd, long timeoutNs) {
    try (Arena arena = Arena.ofConfined()) {
      return new ReadablePoll(arena, fd).await(timeoutNs);
    }
  }

  /** Waits until one of several descriptors is readable: how many, 0 after the time, or -errno. */
  public static int awaitAny(long timeoutNs, int... fds) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment polled = arena.allocate(8L * fds.length, 8);
      for (int i = 0; i < fds.length; i++) {
        polled.set(ValueLayout.JAVA_INT, 8L * i, fds[i]);
        polled.set(ValueLayout.JAVA_SHORT, 8L * i + 4, POLLIN);
      }
      return ReadablePoll.await(polled, fds.length, arena.allocate(16, 8), timeoutNs);
    }
  }

  /** Whether the other end of a socket or pipe is closed; never blocks, takes nothing out. */
  public static boolean isHungUp(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      ReadablePoll poll = new ReadablePoll(arena, fd);
      return poll.await(0) > 0 && poll.isHungUp();
    }
  }

  /** A reusable ppoll(2) on one descriptor; allocation-free after construction, one thread. */
  public static final class ReadablePoll {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private final MemorySegment pollfd;
    private final MemorySegment timespec;

    /**
     * @param arena owner of the argument structures.
     * @param fd to wait on.
     */
    public ReadablePoll(Arena arena, int fd) {
      pollfd = arena.allocate(8, 8);
      timespec = arena.allocate(16, 8);
      pollfd.set(ValueLayout.JAVA_INT, 0, fd);
      pollfd.set(ValueLayout.JAVA_SHORT, 4, POLLIN);
    }

    /** True when the last {@link #await} found that the other side is gone (POLLHUP). */
    public boolean isHungUp() {
      return (pollfd.get(ValueLayout.JAVA_SHORT, 6) & POLLHUP) != 0;
    }

    /** 1 when readable (or hung up), 0 after the time, or -errno. */
    public int await(long timeoutNs) {
      return await(pollfd, 1, timespec, timeoutNs);
    }

    private static int await(
        MemorySegment pollfds, int count, MemorySegment timespec, long timeoutNs) {
      long nanos = Math.max(0, timeoutNs);
      timespec.set(ValueLayout.JAVA_LONG, 0, nanos / NANOS_PER_SECOND);
      timespec.set(ValueLayout.JAVA_LONG, 8, nanos % NANOS_PER_SECOND);
      return (int) Syscall.call(SYS_PPOLL, pollfds.address(), count, timespec.address(), 0, 8, 0);
    }
  }
}
