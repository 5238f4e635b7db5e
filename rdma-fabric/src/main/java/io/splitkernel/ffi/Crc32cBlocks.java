package io.splitkernel.ffi;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * CRC32C of many blocks by one native call, so that its speed does not depend on what the JVM has
 * compiled. Allocates nothing. Any thread.
 */
public final class Crc32cBlocks {
  private static final MethodHandle HANDLE =
      ShimLibrary.handle(
          "lego_crc32c_blocks",
          FunctionDescriptor.of(
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG));

  private Crc32cBlocks() {}

  /**
   * Sums up each block of a range, the last one as if zeros followed.
   *
   * @param address of the first byte.
   * @param lengthBytes of the range, not negative.
   * @param blockBytes of a block, a multiple of 8.
   * @param sums address of one int for each block, which get the values.
   * @return number of blocks; -ENOSYS where the processor has no instruction for it.
   */
  public static long of(long address, long lengthBytes, long blockBytes, long sums) {
    try {
      return (long) HANDLE.invokeExact(address, lengthBytes, blockBytes, sums);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }
}
