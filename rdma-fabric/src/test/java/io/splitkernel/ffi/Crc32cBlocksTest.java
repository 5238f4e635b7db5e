package io.splitkernel.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Crc32cBlocksTest {
  private static final int BLOCK = 4096;

  /** As the JDK's class does, whatever the length leaves of lanes, words and bytes. */
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 9, 4095, 4096, 4097, 16_383, 16_384, 16_385, 36_871, 1 << 20})
  void shouldSumUpAsTheJdkDoes(int length) {
    try (Arena arena = Arena.ofConfined()) {
      byte[] bytes = new byte[length];
      new Random(length).nextBytes(bytes);
      MemorySegment data = arena.allocate(length + 1L, 8).asSlice(1); // aligned to nothing
      data.copyFrom(MemorySegment.ofArray(bytes));
      int blocks = (length + BLOCK - 1) / BLOCK;
      MemorySegment sums = arena.allocate(Integer.BYTES * (long) blocks, Integer.BYTES);
      long counted = Crc32cBlocks.of(data.address(), length, BLOCK, sums.address());
      Assumptions.assumeTrue(counted != -Errno.ENOSYS, "this processor has no CRC32C");
      assertEquals(blocks, counted);
      for (int i = 0; i < blocks; i++) {
        byte[] block = new byte[BLOCK];
        int from = i * BLOCK;
        System.arraycopy(bytes, from, block, 0, Math.min(BLOCK, length - from));
        CRC32C expected = new CRC32C();
        expected.update(block);
        assertEquals((int) expected.getValue(), sums.getAtIndex(ValueLayout.JAVA_INT, i));
      }
    }
  }

  @Test
  void shouldSumUpNothing() {
    assertEquals(0, Math.max(0, Crc32cBlocks.of(0, 0, BLOCK, 0)));
  }
}
