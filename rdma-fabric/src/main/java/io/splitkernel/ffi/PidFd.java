package io.splitkernel.ffi;

/** pidfd_open(2) and pidfd_getfd(2): descriptors of other processes, and those that they have. */
public final class PidFd {
  private static final long SYS_PIDFD_OPEN = 434;
  private static final long SYS_PIDFD_GETFD = 438;

  private PidFd() {}

  /** A descriptor of a process, close-on-exec, that is readable once it has ended; or -errno. */
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
    int handle = open(pid);
    if (handle < 0) {
      return handle;
    }
    try {
      return (int) Syscall.call(SYS_PIDFD_GETFD, handle, fd, 0);
    } finally {
      FileDescriptor.close(handle);
    }
  }
}
