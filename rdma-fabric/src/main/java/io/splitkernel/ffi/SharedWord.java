package io.splitkernel.ffi;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/** 4-byte words in memory that is shared with another process, with memory ordering. Any thread. */
@SuppressWarnings("restricted")
public final class SharedWord {
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

  private SharedWord() {}

  /** Reads with acquire ordering. */
  public static int getAcquire(long address) {
    return (int) INT.getAcquire(ALL, address);
  }

  /** Writes with sequential consistency. */
  public static void putVolatile(long address, int value) {
    INT.setVolatile(ALL, address, value);
  }

  /** Adds atomically; the old value. */
  public static int getAndAdd(long address, int delta) {
    return (int) INT.getAndAdd(ALL, address, delta);
  }

  /** Changes a word from one value to another; false when it has another value. */
  public static boolean compareAndSet(long address, int expected, int value) {
    return INT.compareAndSet(ALL, address, expected, value);
  }
}
