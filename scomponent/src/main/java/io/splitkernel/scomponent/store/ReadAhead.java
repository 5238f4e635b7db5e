package io.splitkernel.scomponent.store;

import static io.splitkernel.scomponent.store.CheckedLayout.BLOCK;
import static io.splitkernel.scomponent.store.CheckedLayout.GROUP_CONTENT;
import static io.splitkernel.scomponent.store.CheckedLayout.backing;

/**
 * Has the disk read what comes behind long reads that follow each other, blocks and their
 * checksums: several clients' requests are under way at once and arrive in no order, which the
 * kernel's own readahead does not see through. Any thread; those that come at the same time may ask
 * for the same twice, or for less.
 */
final class ReadAhead {
  /** Shorter reads are left to the kernel. */
  static final int READ_BYTES_LEAST = 128 << 10;

  /** Linux may cut what is asked for at once to the readahead of the device. */
  private static final long PIECE_BYTES = 1 << 20;

  private final BackingFile file;
  private final long aheadBytes;

  /** Where the last long read ended, and up to where the disk was asked. */
  private volatile long lastEnd;

  private volatile long asked;

  /**
   * @param file to ask.
   * @param aheadBytes how far, 0 for not at all.
   */
  ReadAhead(BackingFile file, long aheadBytes) {
    this.file = file;
    this.aheadBytes = aheadBytes;
  }

  /** A range of the content is about to be read. */
  void onRead(long offset, int lengthBytes, long size) {
    if (aheadBytes == 0 || lengthBytes < READ_BYTES_LEAST) {
      return;
    }
    long end = offset + lengthBytes;
    boolean follows = Math.abs(offset - lastEnd) <= aheadBytes;
    lastEnd = end;
    if (!follows) {
      asked = end;
      return;
    }
    long until = Math.min(end + aheadBytes, size);
    long from = asked > end && asked - end <= 2 * aheadBytes ? asked : end;
    boolean little = until < size && until - from < Math.min(PIECE_BYTES, aheadBytes);
    if (little || until <= from) {
      return;
    }
    asked = until;
    long last = backing(until - 1) + 1;
    for (long at = beginning(from); at < last; at += PIECE_BYTES) {
      file.willNeed(at, Math.min(PIECE_BYTES, last - at));
    }
  }

  /** With the checksums of a group that begins there. */
  private static long beginning(long from) {
    return from % GROUP_CONTENT == 0 ? backing(from) - BLOCK : backing(from);
  }
}
