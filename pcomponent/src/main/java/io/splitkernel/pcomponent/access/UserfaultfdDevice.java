package io.splitkernel.pcomponent.access;

import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.Syscall;
import java.lang.foreign.Arena;

/**
 * {@code /dev/userfaultfd}, opened with this process's privileges and handed to the program's
 * processes: what they may open themselves, or see of the file system, does not matter then.
 */
final class UserfaultfdDevice implements AutoCloseable {
  private static final long SYS_OPEN = 2;
  private static final long O_RDWR_CLOEXEC = 0x80002;

  private final int descriptor;

  UserfaultfdDevice() {
    try (Arena arena = Arena.ofConfined()) {
      descriptor =
          (int)
              Syscall.call(
                  SYS_OPEN, arena.allocateFrom("/dev/userfaultfd").address(), O_RDWR_CLOEXEC, 0);
    }
  }

  /** The descriptor, or {@code -errno}: then there is only the system call. */
  int descriptor() {
    return descriptor;
  }

  @Override
  public void close() {
    FileDescriptor.close(descriptor);
  }
}
