package io.splitkernel.mcomponent.filecache;

import io.splitkernel.protocol.files.Volume;

/**
 * Limits of a {@link CachedVolume}.
 *
 * @param filesMax files that are remembered at once, at least 64; more are forgotten, the longest
 *     unused first; default 65,536.
 * @param readAheadBytes longest read-ahead of a sequential reader, 0 to 1 MiB; default 1 MiB.
 * @param dirtyPercent share of the memory that unwritten bytes may take before writers wait, 10 to
 *     80; default 50.
 * @param backgroundPercent share of the memory from which on they are written back at once, 1 to
 *     {@code dirtyPercent}; default 10.
 * @param dirtyAgeNs how long bytes stay unwritten at most; default 5 s.
 * @param retryNs pause after a write-back that failed; default 1 s.
 * @param spaceMarginBytes free space upstream, beside what is unwritten, below which writes go
 *     through; never more than a sixteenth of the volume counts; default 16 MiB.
 * @param spaceAgeNs how old the known free space may be; default 1 s.
 * @param waitNs deadline for memory: of a writer that waits for write-back, and of any operation
 *     that waits for a transfer buffer; default 30 s.
 * @param transferBuffers transfers with the upstream volume at once, 2 to 1,024; each takes a
 *     little more than 1 MiB of the memory; default 4.
 */
public record FileCacheSettings(
    int filesMax,
    int readAheadBytes,
    int dirtyPercent,
    int backgroundPercent,
    long dirtyAgeNs,
    long retryNs,
    long spaceMarginBytes,
    long spaceAgeNs,
    long waitNs,
    int transferBuffers) {
  /** All defaults. */
  public static final FileCacheSettings DEFAULT =
      new FileCacheSettings(
          65_536,
          Volume.TRANSFER_BYTES_MAX,
          50,
          10,
          5_000_000_000L,
          1_000_000_000L,
          16L << 20,
          1_000_000_000L,
          30_000_000_000L,
          4);

  /** Validates ranges. */
  public FileCacheSettings {
    range("filesMax", filesMax, 64, 1 << 24);
    range("readAheadBytes", readAheadBytes, 0, Volume.TRANSFER_BYTES_MAX);
    range("dirtyPercent", dirtyPercent, 10, 80);
    range("backgroundPercent", backgroundPercent, 1, dirtyPercent);
    range("dirtyAgeNs", dirtyAgeNs, 0, Long.MAX_VALUE / 4);
    range("retryNs", retryNs, 0, Long.MAX_VALUE / 4);
    range("spaceMarginBytes", spaceMarginBytes, 0, Long.MAX_VALUE / 4);
    range("spaceAgeNs", spaceAgeNs, 0, Long.MAX_VALUE / 4);
    range("waitNs", waitNs, 1, Long.MAX_VALUE / 4);
    range("transferBuffers", transferBuffers, 2, 1024);
  }

  /**
   * With another time of write-back.
   *
   * @param ageNs how long bytes stay unwritten at most.
   * @param pauseNs after a write-back that failed.
   * @return a changed copy.
   */
  public FileCacheSettings withWriteBack(long ageNs, long pauseNs) {
    return new FileCacheSettings(
        filesMax,
        readAheadBytes,
        dirtyPercent,
        backgroundPercent,
        ageNs,
        pauseNs,
        spaceMarginBytes,
        spaceAgeNs,
        waitNs,
        transferBuffers);
  }

  /**
   * With another bound on files.
   *
   * @param files remembered at once.
   * @return a changed copy.
   */
  public FileCacheSettings withFilesMax(int files) {
    return new FileCacheSettings(
        files,
        readAheadBytes,
        dirtyPercent,
        backgroundPercent,
        dirtyAgeNs,
        retryNs,
        spaceMarginBytes,
        spaceAgeNs,
        waitNs,
        transferBuffers);
  }

  /**
   * With another view of the free space.
   *
   * @param marginBytes to leave alone.
   * @param ageNs how old the known free space may be.
   * @return a changed copy.
   */
  public FileCacheSettings withSpace(long marginBytes, long ageNs) {
    return new FileCacheSettings(
        filesMax,
        readAheadBytes,
        dirtyPercent,
        backgroundPercent,
        dirtyAgeNs,
        retryNs,
        marginBytes,
        ageNs,
        waitNs,
        transferBuffers);
  }

  private static void range(String name, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(name + " " + value + " is not in " + least + ".." + most);
    }
  }
}
