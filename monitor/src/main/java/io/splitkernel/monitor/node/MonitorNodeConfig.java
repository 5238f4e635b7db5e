package io.splitkernel.monitor.node;

import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.rpc.RpcSettings;

/**
 * Everything that a monitor must be told.
 *
 * @param listen address to listen on; port 0 chooses one.
 * @param secret of the cluster.
 * @param vRegionBytes length of a vRegion in this cluster, a power of two from 1 MiB; default 1
 *     GiB.
 * @param heartbeatNs that members are told to keep, at least 1 ms; default 500 ms.
 * @param leaseNs without a heartbeat for so long a member is lost, at least two heartbeats; default
 *     10 s. (A member whose connection ends is lost at once.)
 * @param callTimeoutNs deadline of calls to members, at least 1 ms; default 3 s.
 * @param regionsMax vRegions that can be placed, at least 1; default 1,048,576.
 * @param volumesMax volumes of files whose owner can be remembered, at least 1; default 65,536.
 * @param programsMax programs that can be remembered, at least 1; default 65,536.
 * @param rpc limits of messages and connections.
 */
public record MonitorNodeConfig(
    FabricAddress listen,
    Secret secret,
    long vRegionBytes,
    long heartbeatNs,
    long leaseNs,
    long callTimeoutNs,
    int regionsMax,
    int volumesMax,
    int programsMax,
    RpcSettings rpc) {
  /** Default of {@code vRegionBytes}. */
  public static final long VREGION_BYTES_DEFAULT = 1L << 30;

  /** Validates ranges. */
  public MonitorNodeConfig {
    if (listen == null || secret == null || rpc == null) {
      throw new IllegalArgumentException("listen, secret and rpc must not be null");
    }
    if (Long.bitCount(vRegionBytes) != 1 || vRegionBytes < 1 << 20) {
      throw new IllegalArgumentException(
          "vRegionBytes " + vRegionBytes + " is not a power of two of at least 1 MiB");
    }
    if (heartbeatNs < 1_000_000L || leaseNs / 2 < heartbeatNs) {
      throw new IllegalArgumentException(
          "a heartbeat of "
              + heartbeatNs
              + " ns must be at least 1 ms and at most half of the lease of "
              + leaseNs
              + " ns");
    }
    if (callTimeoutNs < 1_000_000L || regionsMax < 1 || volumesMax < 1 || programsMax < 1) {
      throw new IllegalArgumentException(
          "callTimeoutNs "
              + callTimeoutNs
              + ", regionsMax "
              + regionsMax
              + ", volumesMax "
              + volumesMax
              + " and programsMax "
              + programsMax
              + " must be positive, the first at least 1 ms");
    }
  }

  /**
   * With the defaults.
   *
   * @param listen address to listen on.
   * @param secret of the cluster.
   * @return the configuration.
   */
  public static MonitorNodeConfig of(FabricAddress listen, Secret secret) {
    return new MonitorNodeConfig(
        listen,
        secret,
        VREGION_BYTES_DEFAULT,
        500_000_000L,
        10_000_000_000L,
        3_000_000_000L,
        1 << 20,
        65_536,
        65_536,
        RpcSettings.DEFAULT);
  }

  /**
   * With another lease.
   *
   * @param newHeartbeatNs that members keep.
   * @param newLeaseNs after which a silent one is lost.
   * @return a changed copy.
   */
  public MonitorNodeConfig withLease(long newHeartbeatNs, long newLeaseNs) {
    return new MonitorNodeConfig(
        listen,
        secret,
        vRegionBytes,
        newHeartbeatNs,
        newLeaseNs,
        callTimeoutNs,
        regionsMax,
        volumesMax,
        programsMax,
        rpc);
  }

  /**
   * With another granularity of ownership.
   *
   * @param bytes of a vRegion.
   * @return a changed copy.
   */
  public MonitorNodeConfig withVRegionBytes(long bytes) {
    return new MonitorNodeConfig(
        listen,
        secret,
        bytes,
        heartbeatNs,
        leaseNs,
        callTimeoutNs,
        regionsMax,
        volumesMax,
        programsMax,
        rpc);
  }
}
