package io.splitkernel.scomponent.volume;

import java.nio.file.Path;

/**
 * How a volume is mounted.
 *
 * @param mountPoint an existing directory.
 * @param name of the volume, as {@code df} shows it.
 * @param attributeTimeoutMs how long the kernel may answer with names and attributes that it has.
 * @param threads that serve the kernel's requests at once.
 * @param allowOther whether users other than the one who mounts may use it; for others than root it
 *     needs {@code user_allow_other} in /etc/fuse.conf.
 * @param readOnly whether nothing can be changed by this mount.
 * @param stopDeadlineMs how long {@link VolumeMount#close} waits for requests that are under way.
 * @param hiddenLeaseMs after how long without a sign of life of a mount the files that were removed
 *     while it had them open are given up.
 * @param readAheadBytes how far the kernel reads ahead of a program that reads a file in order; a
 *     mount of another user than root keeps the kernel's 128 KiB.
 */
public record MountSettings(
    Path mountPoint,
    String name,
    int attributeTimeoutMs,
    int threads,
    boolean allowOther,
    boolean readOnly,
    int stopDeadlineMs,
    int hiddenLeaseMs,
    int readAheadBytes) {
  /** Defaults of the settings. */
  public static final int ATTRIBUTE_TIMEOUT_MS = 1_000;

  public static final int THREADS = 8;
  public static final int STOP_DEADLINE_MS = 10_000;
  public static final int HIDDEN_LEASE_MS = 60_000;
  public static final int READ_AHEAD_BYTES = 2 << 20;

  /** Checks them. */
  public MountSettings {
    if (!name.matches("[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")) {
      throw new IllegalArgumentException("bad name of a volume: " + name);
    }
    if (attributeTimeoutMs < 0
        || threads < 1
        || threads > 1_000
        || stopDeadlineMs < 1
        || hiddenLeaseMs < 1
        || readAheadBytes < 0) {
      throw new IllegalArgumentException("bad settings of a mount: a number is out of range");
    }
    mountPoint = mountPoint.toAbsolutePath().normalize();
  }

  /** Settings with their defaults. */
  public static MountSettings of(Path mountPoint, String name) {
    return new MountSettings(
        mountPoint,
        name,
        ATTRIBUTE_TIMEOUT_MS,
        THREADS,
        false,
        false,
        STOP_DEADLINE_MS,
        HIDDEN_LEASE_MS,
        READ_AHEAD_BYTES);
  }

  /** The same with another timeout of attributes. */
  public MountSettings withAttributeTimeoutMs(int ms) {
    return new MountSettings(
        mountPoint,
        name,
        ms,
        threads,
        allowOther,
        readOnly,
        stopDeadlineMs,
        hiddenLeaseMs,
        readAheadBytes);
  }

  /** The same for all users, or for the one who mounts. */
  public MountSettings withAllowOther(boolean all) {
    return new MountSettings(
        mountPoint,
        name,
        attributeTimeoutMs,
        threads,
        all,
        readOnly,
        stopDeadlineMs,
        hiddenLeaseMs,
        readAheadBytes);
  }

  /** The same for reading, or for reading and writing. */
  public MountSettings withReadOnly(boolean only) {
    return new MountSettings(
        mountPoint,
        name,
        attributeTimeoutMs,
        threads,
        allowOther,
        only,
        stopDeadlineMs,
        hiddenLeaseMs,
        readAheadBytes);
  }

  /** The same with other deadlines. */
  public MountSettings withDeadlines(int stopMs, int leaseMs) {
    return new MountSettings(
        mountPoint,
        name,
        attributeTimeoutMs,
        threads,
        allowOther,
        readOnly,
        stopMs,
        leaseMs,
        readAheadBytes);
  }

  /** The same with another distance of reading ahead. */
  public MountSettings withReadAheadBytes(int bytes) {
    return new MountSettings(
        mountPoint,
        name,
        attributeTimeoutMs,
        threads,
        allowOther,
        readOnly,
        stopDeadlineMs,
        hiddenLeaseMs,
        bytes);
  }

  /** The words behind {@code -o}. */
  String options() {
    String seconds = java.math.BigDecimal.valueOf(attributeTimeoutMs, 3).toPlainString();
    return "default_permissions,subtype=lego,fsname="
        + name
        + ",attr_timeout="
        + seconds
        + ",entry_timeout="
        + seconds
        + ",negative_timeout=0,max_read=1048576"
        + (allowOther ? ",allow_other" : "")
        + (readOnly ? ",ro" : "");
  }
}
