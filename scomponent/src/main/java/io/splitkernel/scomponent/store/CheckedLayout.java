package io.splitkernel.scomponent.store;

import io.splitkernel.protocol.files.Volume;

/**
 * How the content of a file lies in its backing file: groups of one block of checksums and the 512
 * blocks of 4 KiB that they are for, so that one fdatasync makes both durable.
 *
 * <p>A checksum entry has 8 bytes, two CRC32C values: of what the block held, and of what was
 * written last. Both are XORed with the value of a block of zeros, so that a hole in the backing
 * file, which reads as zeros, is the right entry for a block of zeros. The last block of a file is
 * summed up as if zeros followed. A block is good when it matches either value: the entry is
 * written before the block, and a death in between leaves the old content with an entry that still
 * knows it.
 */
final class CheckedLayout {
  static final int BLOCK = Volume.BLOCK_BYTES;
  static final int ENTRY = 8;
  static final int BLOCKS_PER_GROUP = BLOCK / ENTRY;

  /** Content in one group, and its length in the backing file. */
  static final long GROUP_CONTENT = (long) BLOCKS_PER_GROUP * BLOCK;

  static final long GROUP_BACKING = GROUP_CONTENT + BLOCK;

  /** Longest file. */
  static final long SIZE_MAX = 1L << 50;

  private CheckedLayout() {}

  /** Where a byte of the content is. */
  static long backing(long offset) {
    return offset / GROUP_CONTENT * GROUP_BACKING + BLOCK + offset % GROUP_CONTENT;
  }

  /** Where the entry of a block is. */
  static long entry(long block) {
    return block / BLOCKS_PER_GROUP * GROUP_BACKING + block % BLOCKS_PER_GROUP * ENTRY;
  }

  /** Where the block of entries is that has those of a byte of the content. */
  static long entries(long offset) {
    return offset / GROUP_CONTENT * GROUP_BACKING;
  }

  /** Length of the backing file for a length of the content. */
  static long backingSize(long size) {
    return size == 0 ? 0 : backing(size - 1) + 1;
  }

  /** Length of the content; entries without content behind them add nothing. */
  static long contentSize(long backingSize) {
    long rest = backingSize % GROUP_BACKING;
    return backingSize / GROUP_BACKING * GROUP_CONTENT + Math.max(0, rest - BLOCK);
  }

  /** Blocks that a length takes. */
  static long blocks(long size) {
    return (size + BLOCK - 1) / BLOCK;
  }
}
