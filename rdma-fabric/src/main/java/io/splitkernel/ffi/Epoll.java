package io.splitkernel.ffi;

/**
 * One epoll(7) instance with its event buffer. Adding and removing: any thread; waiting: one
 * thread, data path, allocates nothing.
 */
public final class Epoll implements AutoCloseable {
  /** There is something to read. */
  public static final int IN = 1;

  /** There is room to write. */
  public static final int OUT = 4;

  /** Error condition; always reported. */
  public static final int ERR = 8;

  /** Hang-up; always reported. */
  public static final int HUP = 16;

  private static final long SYS_CLOSE = 3;
  private static final long SYS_EPOLL_CTL = 233;
  private static final long SYS_EPOLL_CREATE1 = 291;
  private static final long SYS_EPOLL_PWAIT2 = 441;
  private static final int CTL_ADD = 1;
  private static final int CTL_DEL = 2;
  private static final int CTL_MOD = 3;
  private static final int CLOEXEC = 0x80000;
  private static final int EVENT_BYTES = 12;
  private static final int TIMESPEC_BYTES = 16;

  private final int fd;
  private final int eventsMax;
  private final long buffer;

  /**
   * @param eventsMax most events of one wait.
   * @throws IllegalStateException when the process has no descriptor left.
   */
  public Epoll(int eventsMax) {
    long result = Syscall.call(SYS_EPOLL_CREATE1, CLOEXEC, 0, 0);
    if (result < 0) {
      throw new IllegalStateException(
          "epoll_create1(): " + Errno.text(result) + "; raise the limit of open files (ulimit -n)");
    }
    this.fd = (int) result;
    this.eventsMax = eventsMax;
    this.buffer = RawMemory.map(bufferBytes());
  }

  /** The descriptor, owned by this object; readable when a watched one is. */
  public int descriptor() {
    return fd;
  }

  private long bufferBytes() {
    return TIMESPEC_BYTES + (long) eventsMax * EVENT_BYTES;
  }

  /**
   * Watches a descriptor.
   *
   * @param watched descriptor.
   * @param events bits such as {@link #IN}; level-triggered.
   * @param token returned by {@link #token}.
   * @return 0 or {@code -errno}.
   */
  public int add(int watched, int events, int token) {
    return control(CTL_ADD, watched, events, token);
  }

  /** Changes what a watched descriptor is watched for; 0 or {@code -errno}. */
  public int modify(int watched, int events, int token) {
    return control(CTL_MOD, watched, events, token);
  }

  private int control(int operation, int watched, int events, int token) {
    long event = RawMemory.map(EVENT_BYTES);
    RawMemory.putInt(event, events);
    RawMemory.putInt(event + 4, token);
    RawMemory.putInt(event + 8, 0);
    long result = Syscall.call(SYS_EPOLL_CTL, fd, operation, watched, event, 0, 0);
    RawMemory.unmap(event, EVENT_BYTES);
    return (int) result;
  }

  /** Stops watching a descriptor; 0 or {@code -errno}. */
  public int remove(int watched) {
    return (int) Syscall.call(SYS_EPOLL_CTL, fd, CTL_DEL, watched, 0, 0, 0);
  }

  /**
   * Waits.
   *
   * @param timeoutNs longest wait; 0 polls, negative waits for ever.
   * @return events that came, or {@code -errno} (EINTR happens).
   */
  public int await(long timeoutNs) {
    long timespec = 0;
    if (timeoutNs >= 0) {
      timespec = buffer;
      RawMemory.putLong(timespec, timeoutNs / 1_000_000_000L);
      RawMemory.putLong(timespec + 8, timeoutNs % 1_000_000_000L);
    }
    return (int)
        Syscall.call(SYS_EPOLL_PWAIT2, fd, buffer + TIMESPEC_BYTES, eventsMax, timespec, 0, 8);
  }

  /** Token of event {@code i} of the last wait. */
  public int token(int i) {
    return RawMemory.getInt(buffer + TIMESPEC_BYTES + (long) i * EVENT_BYTES + 4);
  }

  /** Event bits of event {@code i} of the last wait. */
  public int events(int i) {
    return RawMemory.getInt(buffer + TIMESPEC_BYTES + (long) i * EVENT_BYTES);
  }

  @Override
  public void close() {
    Syscall.call(SYS_CLOSE, fd, 0, 0);
    RawMemory.unmap(buffer, bufferBytes());
  }
}
