package io.splitkernel.pcomponent.fault;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.Syscall;

/**
 * /proc/PID/pagemap of one address space (see proc_pid_pagemap(5)). Stays good after the process
 * that it was opened through has exited, as long as the address space lives. One thread at a time.
 */
final class Pagemap implements AutoCloseable {
  private static final long SYS_CLOSE = 3;
  private static final long SYS_OPEN = 2;
  private static final long SYS_PREAD64 = 17;
  private static final long O_CLOEXEC = 0x80000;
  private static final long PRESENT_OR_SWAPPED = 3L << 62;
  private static final int WINDOW_PAGES = 4096;

  private final long buffer = RawMemory.map(WINDOW_PAGES * 8L);
  private final int fd;

  /**
   * @param pid a process that lives in the space; when it cannot be opened nothing counts as
   *     present.
   */
  Pagemap(int pid) {
    byte[] path =
        ("/proc/" + pid + "/pagemap").getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    for (int i = 0; i < path.length; i++) {
      RawMemory.putByte(buffer + i, path[i]);
    }
    RawMemory.putByte(buffer + path.length, (byte) 0);
    fd = (int) Syscall.call(SYS_OPEN, buffer, O_CLOEXEC, 0);
  }

  /** Whether it could be opened. */
  boolean isOpen() {
    return fd >= 0;
  }

  /** Whether a page is in the program's memory. */
  boolean isPresent(long page) {
    return read(page, 1) == 1 && present(0);
  }

  /**
   * Reads the entries of up to 4096 pages.
   *
   * @return entries read, or {@code -errno}.
   */
  int read(long page, long count) {
    if (fd < 0) {
      return -Errno.EBADF;
    }
    long bytes =
        Syscall.call(SYS_PREAD64, fd, buffer, Math.min(count, WINDOW_PAGES) * 8, page * 8, 0, 0);
    return bytes < 0 ? (int) bytes : (int) (bytes / 8);
  }

  /** Whether page {@code i} of the last read is in the program's memory. */
  boolean present(int i) {
    return (RawMemory.getLong(buffer + i * 8L) & PRESENT_OR_SWAPPED) != 0;
  }

  @Override
  public void close() {
    if (fd >= 0) {
      Syscall.call(SYS_CLOSE, fd, 0, 0);
    }
    RawMemory.unmap(buffer, WINDOW_PAGES * 8L);
  }
}
