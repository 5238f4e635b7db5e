package io.splitkernel.scomponent.store;

/**
 * Limits of a store.
 *
 * @param openFilesMax files that a volume keeps open when they are not in use, 1 to 1,000,000;
 *     default 1024. The process's limit of descriptors must be above that for each volume.
 */
public record StoreSettings(int openFilesMax) {
  /** The defaults. */
  public static final StoreSettings DEFAULT = new StoreSettings(1024);

  /** Most open files. */
  public static final int OPEN_FILES_MAX = 1_000_000;

  /** Validates ranges. */
  public StoreSettings {
    if (openFilesMax < 1 || openFilesMax > OPEN_FILES_MAX) {
      throw new IllegalArgumentException(
          "openFilesMax " + openFilesMax + " is not from 1 to 1,000,000");
    }
  }
}
