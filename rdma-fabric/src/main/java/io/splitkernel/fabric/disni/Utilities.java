package io.splitkernel.fabric.disni;

import io.splitkernel.ffi.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/** What the classes of {@link UtilityClasses} call; not for programs. Any thread. */
public final class Utilities {
  private static final long SCHED_SETAFFINITY = 203;
  private static final long SCHED_GETAFFINITY = 204;

  private Utilities() {}

  /**
   * Binds the calling thread to processors.
   *
   * @param mask a bit for each of the first 64; nothing happens unless it is positive.
   */
  public static void setAffinity(long mask) {
    if (mask <= 0) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment place = arena.allocateFrom(ValueLayout.JAVA_LONG, mask);
      Syscall.call(SCHED_SETAFFINITY, 0, Long.BYTES, place.address());
    }
  }

  /** Processors that the calling thread may use, a bit for each of the first 64. */
  public static long getAffinity() {
    long bytes = 1024; // a kernel refuses less than it has processors
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment place = arena.allocate(bytes, Long.BYTES);
      Syscall.call(SCHED_GETAFFINITY, 0, bytes, place.address());
      return place.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  /** Address of the first byte of a direct buffer, whatever its position. */
  public static long getAddress(ByteBuffer buffer) {
    if (!buffer.isDirect()) {
      throw new IllegalArgumentException("a direct buffer is wanted");
    }
    return MemorySegment.ofBuffer(buffer.duplicate().clear()).address();
  }
}
