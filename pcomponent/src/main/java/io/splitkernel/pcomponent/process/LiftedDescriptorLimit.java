package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.LongSupplier;

/** RLIMIT_NOFILE of another process, lifted for a moment (prlimit(2)). */
final class LiftedDescriptorLimit {
  private static final long SYS_PRLIMIT64 = 302;
  private static final long RLIMIT_NOFILE = 7;
  private static final long ROOM = 64;
  private static final long DESCRIPTORS_MAX = 1 << 20;

  private LiftedDescriptorLimit() {}

  /** Runs a step that needs a descriptor which the process's limit does not leave. */
  static long beyond(int pid, LongSupplier step) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment old = arena.allocate(16, 8);
      MemorySegment lifted = arena.allocate(16, 8);
      long result = Syscall.call(SYS_PRLIMIT64, pid, RLIMIT_NOFILE, 0, old.address(), 0, 0);
      if (result < 0) {
        return result;
      }
      long soft = old.get(ValueLayout.JAVA_LONG, 0);
      long hard = old.get(ValueLayout.JAVA_LONG, 8);
      // how many are open is not known: the limit may have been lowered below them
      long wanted = Math.max(soft + ROOM, DESCRIPTORS_MAX);
      lifted.set(ValueLayout.JAVA_LONG, 0, wanted);
      lifted.set(ValueLayout.JAVA_LONG, 8, Math.max(hard, wanted));
      result = Syscall.call(SYS_PRLIMIT64, pid, RLIMIT_NOFILE, lifted.address(), 0, 0, 0);
      if (result < 0) {
        return result;
      }
      long done = step.getAsLong();
      Syscall.call(SYS_PRLIMIT64, pid, RLIMIT_NOFILE, old.address(), 0, 0, 0);
      return done;
    }
  }
}
