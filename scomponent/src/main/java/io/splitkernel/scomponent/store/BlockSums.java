package io.splitkernel.scomponent.store;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Checksums of blocks as entries have them. One thread. */
final class BlockSums {
  private static final int OF_ZEROS = ofZeros();

  private final CRC32C crc = new CRC32C();
  private final ByteBuffer zeros = ByteBuffer.allocateDirect(CheckedLayout.BLOCK);

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
}
