package io.splitkernel.ffi;

/**
 * A non-blocking eventfd(2): one thread waits on it (through {@link Epoll}), any thread signals.
 */
public final class EventFd implements AutoCloseable {
  private static final long SYS_READ = 0;
  private static final long SYS_WRITE = 1;
  private static final long SYS_CLOSE = 3;
  private static final long SYS_EVENTFD2 = 290;
  private static final int CLOEXEC_NONBLOCK = 0x80000 | 0x800;

  /** A constant 1 to write, and a cell for counts that nobody wants. */
  private static final long SHARED_CELLS = sharedCells();

  private final int fd;
  private final long cells;

  /**
   * @throws IllegalStateException when the process has no descriptor left.
   */
  public EventFd() {
    long result = Syscall.call(SYS_EVENTFD2, 0, CLOEXEC_NONBLOCK, 0);
    if (result < 0) {
      throw new IllegalStateException(
          "eventfd2(): " + Errno.text(result) + "; raise the limit of open files (ulimit -n)");
    }
    fd = (int) result;
    cells = RawMemory.map(16);
    RawMemory.putLong(cells, 1);
  }

  private static long sharedCells() {
    long cells = RawMemory.map(16);
    RawMemory.putLong(cells, 1);
    return cells;
  }

  /** A new descriptor without an owner object, or -errno. */
  public static int create() {
    return (int) Syscall.call(SYS_EVENTFD2, 0, CLOEXEC_NONBLOCK, 0);
  }

  /** As {@link #signal()}, for a bare descriptor, for example one that a peer has sent. */
  public static void signal(int descriptor) {
    Syscall.quick(SYS_WRITE, descriptor, SHARED_CELLS, 8);
  }

  /** As {@link #drain()}, for a bare descriptor. */
  public static void drain(int descriptor) {
    Syscall.quick(SYS_READ, descriptor, SHARED_CELLS + 8, 8);
  }

  /** The descriptor, owned by this object. */
  public int descriptor() {
    return fd;
  }

  /** Makes the descriptor readable. Any thread; does not block, does not allocate. */
  public void signal() {
    Syscall.quick(SYS_WRITE, fd, cells, 8);
  }

  /** Makes the descriptor unreadable again. The waiting thread. */
  public void drain() {
    Syscall.quick(SYS_READ, fd, cells + 8, 8);
  }

  @Override
  public void close() {
    Syscall.call(SYS_CLOSE, fd, 0, 0);
    RawMemory.unmap(cells, 16);
  }
}
