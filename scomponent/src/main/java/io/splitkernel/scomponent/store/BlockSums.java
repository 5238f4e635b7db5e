package io.splitkernel.scomponent.store;

import io.splitkernel.ffi.Crc32cBlocks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Checksums of blocks as entries have them. One thread. */
final class BlockSums {
  private static final int OF_ZEROS = ofZeros();

  private final CRC32C crc = new CRC32C();
  private final ByteBuffer zeros = ByteBuffer.allocateDirect(CheckedLayout.BLOCK);

  /** Of the blocks of a range, as the processor has them. */
  private final MemorySegment sums =
      Arena.ofAuto().allocate(CheckedLayout.BLOCKS_PER_GROUP * Integer.BYTES, Integer.BYTES);

  private static int ofZeros() {
    CRC32C crc = new CRC32C();
    crc.update(new byte[CheckedLayout.BLOCK]);
    return (int) crc.getValue();
  }

  /** Begins a block. */
  BlockSums begin() {
    crc.reset();
    return this;
  }

  /** Adds bytes of it. */
  BlockSums add(ByteBuffer bytes, int from, int to) {
    bytes.limit(to).position(from);
    crc.update(bytes);
    return this;
  }

  /** Ends it, with zeros for what is missing. */
  int end(int added) {
    if (added < CheckedLayout.BLOCK) {
      zeros.limit(CheckedLayout.BLOCK - added).position(0);
      crc.update(zeros);
    }
    return (int) crc.getValue() ^ OF_ZEROS;
  }

  /** Of a block whose first bytes are given and the rest zeros. */
  int of(MemorySegment bytes) {
    int length = (int) bytes.byteSize();
    return begin().add(bytes.asByteBuffer(), 0, length).end(length);
  }

  /** Sums up the blocks of a range of at most a group, the last one as if zeros followed. */
  void ofBlocks(MemorySegment range) {
    long length = range.byteSize();
    int block = CheckedLayout.BLOCK;
    if (range.isNative() && Crc32cBlocks.of(range.address(), length, block, sums.address()) >= 0) {
      return;
    }
    for (int i = 0; (long) i * block < length; i++) {
      long at = (long) i * block;
      int sum = of(range.asSlice(at, Math.min(block, length - at)));
      sums.setAtIndex(ValueLayout.JAVA_INT, i, sum ^ OF_ZEROS);
    }
  }

  /** That of a block of that range. */
  int ofBlock(int i) {
    return sums.getAtIndex(ValueLayout.JAVA_INT, i) ^ OF_ZEROS;
  }
}
