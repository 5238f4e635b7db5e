package io.splitkernel.mcomponent.node;

import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.mcomponent.files.FileCacheConfig;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.rpc.RpcSettings;

/**
 * Everything that a memory component must be told.
 *
 * @param name shown to operators, 1 to 64 characters.
 * @param capacityBytes memory that it offers, at least one extent.
 * @param extentBytes allocation granularity, a power of two from 4 KiB to 1 GiB; default 2 MiB.
 * @param vRegionBytes granularity of ownership without a monitor (with one, the monitor's counts),
 *     a power of two, at least an extent; default 1 GiB.
 * @param listen address to listen on; port 0 chooses one.
 * @param monitor where the monitor listens, or null to work without one, in which case every
 *     vRegion is taken as placed here.
 * @param secret of the cluster.
 * @param spacesMax address spaces at once, at least 1; default 65,536.
 * @param dataConnectionsMax data connections of one space, at least 1; default 16.
 * @param grantsMax vRegions that the monitor may place here, at least 1; default 1,048,576.
 * @param monitorTimeoutNs deadline of calls to the monitor, at least 1 ms; default 15 s.
 * @param files limits of the files that it caches; only with a monitor; default none.
 * @param rpc limits of messages and connections.
 */
public record MemoryComponentConfig(
    String name,
    long capacityBytes,
    long extentBytes,
    long vRegionBytes,
    FabricAddress listen,
    FabricAddress monitor,
    Secret secret,
    int spacesMax,
    int dataConnectionsMax,
    int grantsMax,
    long monitorTimeoutNs,
    FileCacheConfig files,
    RpcSettings rpc) {
  /** Default of {@code extentBytes}. */
  public static final long EXTENT_BYTES_DEFAULT = 2L << 20;

  /** Default of {@code vRegionBytes}. */
  public static final long VREGION_BYTES_DEFAULT = 1L << 30;

  /** Validates ranges. */
  public MemoryComponentConfig {
    if (name == null || name.isBlank() || name.length() > NodeIdentity.NAME_CHARS_MAX) {
      throw new IllegalArgumentException(
          "memory component name '" + name + "' must have 1 to 64 characters");
    }
    if (Long.bitCount(extentBytes) != 1 || extentBytes < 4096 || extentBytes > 1L << 30) {
      throw new IllegalArgumentException(
          "extentBytes " + extentBytes + " is not a power of two from 4 KiB to 1 GiB");
    }
    if (Long.bitCount(vRegionBytes) != 1 || vRegionBytes < extentBytes) {
      throw new IllegalArgumentException(
          "vRegionBytes " + vRegionBytes + " is not a power of two of at least an extent");
    }
    if (capacityBytes < extentBytes) {
      throw new IllegalArgumentException(
          "capacityBytes " + capacityBytes + " is less than an extent of " + extentBytes);
    }
    if (listen == null || secret == null || files == null || rpc == null) {
      throw new IllegalArgumentException("listen, secret, files and rpc must not be null");
    }
    requirePositive("spacesMax", spacesMax);
    requirePositive("dataConnectionsMax", dataConnectionsMax);
    requirePositive("grantsMax", grantsMax);
    requirePositive("monitorTimeoutNs", monitorTimeoutNs / 1_000_000);
  }

  /**
   * With the defaults.
   *
   * @param name shown to operators.
   * @param capacityBytes memory that it offers.
   * @param listen address to listen on.
   * @param monitor where the monitor listens, or null.
   * @param secret of the cluster.
   * @return the configuration.
   */
  public static MemoryComponentConfig of(
      String name, long capacityBytes, FabricAddress listen, FabricAddress monitor, Secret secret) {
    return new MemoryComponentConfig(
        name,
        capacityBytes,
        EXTENT_BYTES_DEFAULT,
        VREGION_BYTES_DEFAULT,
        listen,
        monitor,
        secret,
        65_536,
        16,
        1 << 20,
        15_000_000_000L,
        FileCacheConfig.NONE,
        RpcSettings.DEFAULT);
  }

  /**
   * With another granularity.
   *
   * @param bytes of an extent.
   * @return a changed copy.
   */
  public MemoryComponentConfig withExtentBytes(long bytes) {
    return new MemoryComponentConfig(
        name,
        capacityBytes,
        bytes,
        vRegionBytes,
        listen,
        monitor,
        secret,
        spacesMax,
        dataConnectionsMax,
        grantsMax,
        monitorTimeoutNs,
        files,
        rpc);
  }

  /**
   * With a cache of files.
   *
   * @param cache its limits.
   * @return a changed copy.
   */
  public MemoryComponentConfig withFiles(FileCacheConfig cache) {
    return new MemoryComponentConfig(
        name,
        capacityBytes,
        extentBytes,
        vRegionBytes,
        listen,
        monitor,
        secret,
        spacesMax,
        dataConnectionsMax,
        grantsMax,
        monitorTimeoutNs,
        cache,
        rpc);
  }

  /**
   * With other limits of messages and connections.
   *
   * @param limits of them.
   * @return a changed copy.
   */
  public MemoryComponentConfig withRpc(RpcSettings limits) {
    return new MemoryComponentConfig(
        name,
        capacityBytes,
        extentBytes,
        vRegionBytes,
        listen,
        monitor,
        secret,
        spacesMax,
        dataConnectionsMax,
        grantsMax,
        monitorTimeoutNs,
        files,
        limits);
  }

  private static void requirePositive(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be positive, not " + value);
    }
  }
}
