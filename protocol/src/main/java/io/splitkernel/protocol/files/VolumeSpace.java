package io.splitkernel.protocol.files;

/** Space of a volume, filled in by {@link Volume#space}. Mutable, reusable; one thread. */
public final class VolumeSpace {
  /** Quota, or what the device has. */
  public long totalBytes;

  public long freeBytes;

  /** Files that there can be, and that more can be. */
  public long filesMax;

  public long filesFree;
}
