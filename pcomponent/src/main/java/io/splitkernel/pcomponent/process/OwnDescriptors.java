package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * How many descriptors this process may have (RLIMIT_NOFILE). An agent costs three, a forked
 * process without one costs one, which it must get: so agents are given only while there are
 * plenty.
 */
final class OwnDescriptors {
  private static final long SYS_PRLIMIT64 = 302;
  private static final long RLIMIT_NOFILE = 7;

  private final long limit = limit();

  private static long limit() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment limits = arena.allocate(2L * Long.BYTES, Long.BYTES);
      Syscall.call(SYS_PRLIMIT64, 0, RLIMIT_NOFILE, 0, limits.address(), 0, 0);
      long soft = limits.get(ValueLayout.JAVA_LONG, 0);
      return soft < 0 ? Long.MAX_VALUE : soft; // RLIM_INFINITY is all ones
    }
  }

  /** Whether they are short; the kernel gives the lowest number that is free. */
  boolean areShort(int newest) {
    return newest > limit - limit / 4;
  }
}
