package io.splitkernel.scomponent.store;

/**
 * Limits of a store.
 *
 * @param openFilesMax files that a volume keeps open when they are not in use, 1 to 1,000,000;
 *     default 1024. The process's limit of descriptors must be above that for each volume.
 * @param readAheadBytes how far the disk is asked to read ahead of long reads that follow each
 *     other, 0 (not at all) to 64 MiB; default 32 MiB. Memory of the page cache, for each file that
 *     is read so.
 */
public record StoreSettings(int openFilesMax, long readAheadBytes) {
  /** The defaults. */
  public static final StoreSettings DEFAULT = new StoreSettings(1024);

  /** Most open files. */
  public static final int OPEN_FILES_MAX = 1_000_000;

  /** Longest readahead. */
  public static final long READ_AHEAD_BYTES_MAX = 64L << 20;

  private static final long READ_AHEAD_BYTES = 32L << 20;

  /** With the default readahead. */
  public StoreSettings(int openFilesMax) {
    this(openFilesMax, READ_AHEAD_BYTES);
  }

  /** Validates ranges. */
  public StoreSettings {
    if (openFilesMax < 1 || openFilesMax > OPEN_FILES_MAX) {
      throw new IllegalArgumentException(
          "openFilesMax " + openFilesMax + " is not from 1 to 1,000,000");
    }
    if (readAheadBytes < 0 || readAheadBytes > READ_AHEAD_BYTES_MAX) {
      throw new IllegalArgumentException(
          "readAheadBytes " + readAheadBytes + " is not from 0 to 64 MiB");
    }
  }
}
