package io.splitkernel.ffi;

import java.lang.foreign.Arena;

/**
 * {@code /proc/PID/mem}: reads and writes another address space whatever its protection, without
 * faulting in pages that userfaultfd holds back. Stays bound to the address space that it was
 * opened on. Any thread.
 */
public final class ProcessMemory implements AutoCloseable {
  private static final long SYS_OPEN = 2;
  private static final long SYS_PREAD = 17;
  private static final long SYS_PWRITE = 18;
  private static final long O_RDWR_CLOEXEC = 0x80002;

  private final int fd;

  private ProcessMemory(int fd) {
    this.fd = fd;
  }

  /**
   * Opens the memory of a process.
   *
   * @param pid the process.
   * @return null when it is gone or may not be read.
   */
  public static ProcessMemory open(int pid) {
    try (Arena arena = Arena.ofConfined()) {
      long fd =
          Syscall.call(
              SYS_OPEN, arena.allocateFrom("/proc/" + pid + "/mem").address(), O_RDWR_CLOEXEC, 0);
      return fd < 0 ? null : new ProcessMemory((int) fd);
    }
  }

  /** Reads bytes to an address of this process; the count, or {@code -errno}. */
  public long read(long remote, long local, long lengthBytes) {
    return Syscall.call(SYS_PREAD, fd, local, lengthBytes, remote, 0, 0);
  }

  /** Writes bytes from an address of this process; the count, or {@code -errno}. */
  public long write(long remote, long local, long lengthBytes) {
    return Syscall.call(SYS_PWRITE, fd, local, lengthBytes, remote, 0, 0);
  }

  @Override
  public void close() {
    FileDescriptor.close(fd);
  }
}
