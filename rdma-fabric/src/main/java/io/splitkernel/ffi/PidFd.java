package io.splitkernel.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** pidfd_open(2) and pidfd_getfd(2): descriptors of other processes, and those that they have. */
public final class PidFd {
  private static final long SYS_PIDFD_OPEN = 434;
  private static final long SYS_PIDFD_GETFD = 438;

  private static final long SYS_IOCTL = 16;
  private static final long INFO_BYTES = 64;
  private static final long GET_INFO = 3L << 30 | INFO_BYTES << 16 | 0xFF << 8 | 11;
  private static final long INFO_EXIT = 1 << 3;
  private static final long EXIT_CODE = 60;

  private PidFd() {}

  /** A descriptor of a process, close-on-exec, that is readable once it has ended; or -errno. */
  public static int open(int pid) {
    return (int) Syscall.call(SYS_PIDFD_OPEN, pid, 0, 0);
  }

  /**
   * How a process has ended that its parent has collected (PIDFD_GET_INFO, Linux 6.15).
   *
   * @param descriptor of it, from before its end.
   * @return its status as wait(2) has it, or negative when that is not known.
   */
  public static int waitStatus(int descriptor) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = arena.allocate(INFO_BYTES, Long.BYTES);
      info.set(ValueLayout.JAVA_LONG, 0, INFO_EXIT);
      long result = Syscall.call(SYS_IOCTL, descriptor, GET_INFO, info.address());
      boolean known = result == 0 && (info.get(ValueLayout.JAVA_LONG, 0) & INFO_EXIT) != 0;
      return known ? info.get(ValueLayout.JAVA_INT, EXIT_CODE) : -1;
    }
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
