package io.splitkernel.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The supervisor's end of seccomp user notification (seccomp_unotify(2)). {@link #receive} and the
 * accessors belong to one thread; the answers may come from any.
 */
public final class SeccompListener {
  private static final long SYS_IOCTL = 16;
  private static final long RECV = Layout.of("SECCOMP_IOCTL_NOTIF_RECV");
  private static final long SEND = Layout.of("SECCOMP_IOCTL_NOTIF_SEND");
  private static final long ADDFD = Layout.of("SECCOMP_IOCTL_NOTIF_ADDFD");
  private static final long NOTIF_BYTES = Layout.of("sizeof(seccomp_notif)");
  private static final long NOTIF_PID = Layout.of("seccomp_notif.pid");
  private static final long NOTIF_DATA = Layout.of("seccomp_notif.data");
  private static final long DATA_ARGS = Layout.of("seccomp_data.args");
  private static final int CONTINUE = 1;

  /** SECCOMP_IOCTL_NOTIF_SET_FLAGS: {@code _IOW('!', 4, __u64)}. */
  private static final long SET_FLAGS = 0x40082104L;

  private static final long SYNC_WAKE_UP = 1;

  private final int fd;
  private final MemorySegment notif;

  /**
   * @param fd listener descriptor; stays the caller's.
   * @param arena owns the scratch memory.
   */
  public SeccompListener(int fd, Arena arena) {
    this.fd = fd;
    this.notif = arena.allocate(NOTIF_BYTES, 8);
  }

  /** Waits for the next call; 0, or {@code -errno} (-EINTR, -ENOENT when the caller died). */
  public long receive() {
    notif.fill((byte) 0);
    return Syscall.call(SYS_IOCTL, fd, RECV, notif.address());
  }

  /** Identity of the received call. */
  public long id() {
    return notif.get(ValueLayout.JAVA_LONG, 0);
  }

  /** Thread that made the call. */
  public int tid() {
    return notif.get(ValueLayout.JAVA_INT, NOTIF_PID);
  }

  /** Number of the call. */
  public int number() {
    return notif.get(ValueLayout.JAVA_INT, NOTIF_DATA);
  }

  /** AUDIT_ARCH_ value of the way in which the call was made. */
  public int architecture() {
    return notif.get(ValueLayout.JAVA_INT, NOTIF_DATA + 4);
  }

  /** Argument {@code i} of the call, 0 to 5. */
  public long argument(int i) {
    return notif.get(ValueLayout.JAVA_LONG, NOTIF_DATA + DATA_ARGS + 8L * i);
  }

  /** Ends a call with a result: a value or {@code -errno}. */
  public long answer(long id, long result) {
    boolean failed = result < 0 && result > -4096;
    return send(id, failed ? 0 : result, failed ? (int) result : 0, 0);
  }

  /** Lets the kernel carry a call out. */
  public long proceed(long id) {
    return send(id, 0, 0, CONTINUE);
  }

  private long send(long id, long value, int error, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment response = arena.allocate(24, 8);
      response.set(ValueLayout.JAVA_LONG, 0, id);
      response.set(ValueLayout.JAVA_LONG, 8, value);
      response.set(ValueLayout.JAVA_INT, 16, error);
      response.set(ValueLayout.JAVA_INT, 20, flags);
      return Syscall.call(SYS_IOCTL, fd, SEND, response.address());
    }
  }

  /**
   * Installs a descriptor of this process in the caller of a pending call, at the lowest free
   * number, close-on-exec.
   *
   * @param id of the call.
   * @param source descriptor here.
   * @return the number there, or {@code -errno} (EMFILE when the caller has none left).
   */
  public long install(long id, int source) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment request = arena.allocate(24, 8);
      request.set(ValueLayout.JAVA_LONG, 0, id);
      request.set(ValueLayout.JAVA_INT, 8, 0);
      request.set(ValueLayout.JAVA_INT, 12, source);
      request.set(ValueLayout.JAVA_INT, 16, 0);
      request.set(ValueLayout.JAVA_INT, 20, 0x80000);
      return Syscall.call(SYS_IOCTL, fd, ADDFD, request.address());
    }
  }

  /** Lets the kernel switch to the caller at once when it is answered, where it can (Linux 6.6). */
  public void wakeCallersAtOnce() {
    Syscall.call(SYS_IOCTL, fd, SET_FLAGS, SYNC_WAKE_UP);
  }
}
