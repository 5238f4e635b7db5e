package io.splitkernel.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import org.agrona.UnsafeApi;

/**
 * Anonymous memory by address, for tables that are indexed with plain {@code long} arithmetic.
 * Nothing is checked: the owner of a range keeps inside it and unmaps it once. Any thread; plain
 * accesses order nothing, the named ones also order other processes that map the same memory. Data
 * path except {@link #map}.
 *
 * <p>Accesses go through Agrona, without a check of bounds and alignment, where the JVM was started
 * with {@code --add-opens=java.base/jdk.internal.misc=ALL-UNNAMED}, else through a segment.
 */
@SuppressWarnings("restricted")
public final class RawMemory {
  private static final MemorySegment EVERYTHING = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  private static final boolean DIRECT = mayBeDirect();
  private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
  private static final long SYS_MMAP = 9;
  private static final long SYS_MUNMAP = 11;
  private static final long SYS_MADVISE = 28;
  private static final long PROT_READ_WRITE = 3;
  private static final long MAP_PRIVATE_ANONYMOUS_NORESERVE = 0x2 | 0x20 | 0x4000;
  private static final long MADV_DONTNEED = 4;

  private RawMemory() {}

  private static boolean mayBeDirect() {
    return Object.class.getModule().isOpen("jdk.internal.misc", RawMemory.class.getModule());
  }

  /**
   * Maps zeroed memory; pages cost physical memory only once touched.
   *
   * @param lengthBytes positive.
   * @return its address, page-aligned.
   * @throws OutOfMemoryError when the kernel refuses.
   */
  public static long map(long lengthBytes) {
    long address =
        Syscall.call(
            SYS_MMAP, 0, lengthBytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS_NORESERVE, -1, 0);
    if (address < 0 && address > -4096) {
      throw new OutOfMemoryError(
          "mmap(length="
              + lengthBytes
              + "): "
              + Errno.text(address)
              + "; free memory or raise ulimit -v");
    }
    return address;
  }

  /** Unmaps what {@link #map} gave. */
  public static void unmap(long address, long lengthBytes) {
    Syscall.call(SYS_MUNMAP, address, lengthBytes, 0);
  }

  /** Gives the pages of a range back; it reads as zero afterwards. */
  public static void discard(long address, long lengthBytes) {
    Syscall.call(SYS_MADVISE, address, lengthBytes, MADV_DONTNEED);
  }

  /** The 8 bytes at an 8-byte-aligned address. */
  public static long getLong(long address) {
    return DIRECT ? UnsafeApi.getLong(address) : EVERYTHING.get(ValueLayout.JAVA_LONG, address);
  }

  /** Stores 8 bytes at an 8-byte-aligned address. */
  public static void putLong(long address, long value) {
    if (DIRECT) {
      UnsafeApi.putLong(address, value);
    } else {
      EVERYTHING.set(ValueLayout.JAVA_LONG, address, value);
    }
  }

  /** The 4 bytes at a 4-byte-aligned address. */
  public static int getInt(long address) {
    return DIRECT ? UnsafeApi.getInt(address) : EVERYTHING.get(ValueLayout.JAVA_INT, address);
  }

  /** Stores 4 bytes at a 4-byte-aligned address. */
  public static void putInt(long address, int value) {
    if (DIRECT) {
      UnsafeApi.putInt(address, value);
    } else {
      EVERYTHING.set(ValueLayout.JAVA_INT, address, value);
    }
  }

  /** The byte at an address. */
  public static byte getByte(long address) {
    return EVERYTHING.get(ValueLayout.JAVA_BYTE, address);
  }

  /** Stores one byte. */
  public static void putByte(long address, byte value) {
    EVERYTHING.set(ValueLayout.JAVA_BYTE, address, value);
  }

  /** Copies bytes; the ranges may overlap. */
  public static void copy(long from, long to, long lengthBytes) {
    MemorySegment.copy(EVERYTHING, from, EVERYTHING, to, lengthBytes);
  }

  /** Zeroes a range. */
  public static void zero(long address, long lengthBytes) {
    EVERYTHING.asSlice(address, lengthBytes).fill((byte) 0);
  }

  /** A view of a range, for interfaces that take segments. */
  public static MemorySegment segment(long address, long lengthBytes) {
    return MemorySegment.ofAddress(address).reinterpret(lengthBytes);
  }

  /** A view of a range that ends with an arena; the mapping itself is not touched by its end. */
  public static MemorySegment segment(long address, long lengthBytes, Arena arena) {
    return MemorySegment.ofAddress(address).reinterpret(lengthBytes, arena, null);
  }

  /** Acquire read at a 4-byte-aligned address. */
  public static int getIntAcquire(long address) {
    return DIRECT
        ? UnsafeApi.getIntAcquire(null, address)
        : (int) INT.getAcquire(EVERYTHING, address);
  }

  /** Release write at a 4-byte-aligned address. */
  public static void putIntRelease(long address, int value) {
    if (DIRECT) {
      UnsafeApi.putIntRelease(null, address, value);
    } else {
      INT.setRelease(EVERYTHING, address, value);
    }
  }

  /** Release write followed by a full fence: no later read happens before it. */
  public static void putIntFenced(long address, int value) {
    putIntRelease(address, value);
    VarHandle.fullFence();
  }

  /** Plain write of 8 bytes at any alignment. */
  public static void putLongUnaligned(long address, long value) {
    EVERYTHING.set(ValueLayout.JAVA_LONG_UNALIGNED, address, value);
  }

  /** Acquire read at an 8-byte-aligned address. */
  public static long getLongAcquire(long address) {
    return DIRECT
        ? UnsafeApi.getLongAcquire(null, address)
        : (long) LONG.getAcquire(EVERYTHING, address);
  }

  /** Release write at an 8-byte-aligned address. */
  public static void putLongRelease(long address, long value) {
    if (DIRECT) {
      UnsafeApi.putLongRelease(null, address, value);
    } else {
      LONG.setRelease(EVERYTHING, address, value);
    }
  }

  /** Release write followed by a full fence: no later read happens before it. */
  public static void putLongFenced(long address, long value) {
    putLongRelease(address, value);
    VarHandle.fullFence();
  }

  /** Atomic compare-and-swap of 8 aligned bytes; returns the value that was there. */
  public static long compareAndExchangeLong(long address, long expected, long desired) {
    return (long) LONG.compareAndExchange(EVERYTHING, address, expected, desired);
  }

  /** Atomic addition to 8 aligned bytes; returns the value that was there. */
  public static long getAndAddLong(long address, long delta) {
    return (long) LONG.getAndAdd(EVERYTHING, address, delta);
  }
}
