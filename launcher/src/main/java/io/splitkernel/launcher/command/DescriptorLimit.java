package io.splitkernel.launcher.command;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * How many descriptors this process may have (RLIMIT_NOFILE, prlimit(2)). Components raise it,
 * since often 1,024 are allowed and many more may be had for the asking. Any thread; control path.
 */
final class DescriptorLimit {
  private static final long SYS_PRLIMIT64 = 302;
  private static final long RLIMIT_NOFILE = 7;

  /** Descriptors of a run; Linux allows as many where nobody has changed it. */
  private static final long RUN_MAX = 1 << 20;

  private DescriptorLimit() {}

  /**
   * Raises the limit for a run: what was set for the program is not meant for its supervisor, which
   * needs descriptors for each of the program's processes. With privileges it goes beyond the hard
   * limit.
   *
   * @return descriptors that the process may have now.
   */
  static long raiseForRun() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment limits = arena.allocate(2L * Long.BYTES, Long.BYTES);
      Syscall.call(SYS_PRLIMIT64, 0, RLIMIT_NOFILE, 0, limits.address(), 0, 0);
      long hard = limits.get(ValueLayout.JAVA_LONG, Long.BYTES);
      if (hard >= 0 && hard < RUN_MAX) {
        limits.set(ValueLayout.JAVA_LONG, 0, RUN_MAX);
        limits.set(ValueLayout.JAVA_LONG, Long.BYTES, RUN_MAX);
        Syscall.call(SYS_PRLIMIT64, 0, RLIMIT_NOFILE, limits.address(), 0, 0, 0);
      }
    }
    return raise();
  }

  /**
   * Raises the limit as far as it goes without privileges.
   *
   * @return descriptors that the process may have now.
   */
  static long raise() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment limits = arena.allocate(2L * Long.BYTES, Long.BYTES);
      long got = Syscall.call(SYS_PRLIMIT64, 0, RLIMIT_NOFILE, 0, limits.address(), 0, 0);
      if (got < 0) {
        throw new IllegalStateException("prlimit(RLIMIT_NOFILE): " + Errno.text(got));
      }
      long soft = limits.get(ValueLayout.JAVA_LONG, 0);
      long hard = limits.get(ValueLayout.JAVA_LONG, Long.BYTES);
      limits.set(ValueLayout.JAVA_LONG, 0, hard);
      long set = Syscall.call(SYS_PRLIMIT64, 0, RLIMIT_NOFILE, limits.address(), 0, 0, 0);
      long now = set < 0 ? soft : hard;
      return now < 0 ? Long.MAX_VALUE : now; // RLIM_INFINITY is all ones
    }
  }
}
