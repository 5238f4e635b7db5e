package io.splitkernel.ffi;

/** pidfd_open(2) and pidfd_getfd(2): a process as a descriptor, and descriptors of it. */
public final class PidFd {
  private static final long SYS_PIDFD_OPEN = 434;
  private static final long SYS_PIDFD_GETFD = 438;

  private PidFd() {}

  /**
   * Opens a process; the descriptor becomes readable when it has ended.
   *
   * @param pid thread group leader.
   * @return the descriptor, or {@code -errno}.
   */
  public static int open(int pid) {
    return (int) Syscall.call(SYS_PIDFD_OPEN, pid, 0, 0);
  }

  /**
   * Duplicates a descriptor of another process, close-on-exec.
   *
   * @param pid thread group leader.
   * @param fd its descriptor.
   * @return the descriptor here, or {@code -errno}.
   */
  public static int steal(int pid, int fd) {
    long handle = Syscall.call(SYS_PIDFD_OPEN, pid, 0, 0);
    if (handle < 0) {
      return (int) handle;
    }
    try {
      return (int) Syscall.call(SYS_PIDFD_GETFD, handle, fd, 0);
    } finally {
      FileDescriptor.close((int) handle);
    }
  }
}
