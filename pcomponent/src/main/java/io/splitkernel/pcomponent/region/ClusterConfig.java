package io.splitkernel.pcomponent.region;

import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.Secret;

/**
 * Settings of {@link ClusterMemory}.
 *
 * @param secret of the cluster.
 * @param identity of this processor component, with the node id that the monitor gave it.
 * @param queueDepth transfers that may be outstanding on one data connection, 1..1024.
 * @param completionEntries transfers that may be outstanding in all, at least {@code queueDepth}.
 * @param callTimeoutNs deadline of one conversation with a component.
 * @param retryTimeoutNs after which a silent memory component counts as lost; below 5 s.
 * @param startGraceNs how long the answer that there is no room is asked again before the first
 *     extent: the memory components of a new cluster are still starting.
 * @param capacityGraceNs how long it is asked again later: memory components may be joining.
 */
public record ClusterConfig(
    Secret secret,
    NodeIdentity identity,
    int queueDepth,
    int completionEntries,
    long callTimeoutNs,
    long retryTimeoutNs,
    long startGraceNs,
    long capacityGraceNs) {
  /** Validates ranges. */
  public ClusterConfig {
    if (queueDepth < 1 || queueDepth > 1024 || completionEntries < queueDepth) {
      throw new IllegalArgumentException(
          "queueDepth="
              + queueDepth
              + " must be in 1..1024 and completionEntries="
              + completionEntries
              + " at least that");
    }
  }

  /**
   * The defaults: 128 transfers a connection, 1024 in all, 5 s a conversation, 2 s of silence, 120
   * s of grace at the start (a JVM on an emulated machine takes most of a minute) and 3 s later.
   *
   * @param secret of the cluster.
   * @param identity of this processor component.
   * @return the settings.
   */
  public static ClusterConfig of(Secret secret, NodeIdentity identity) {
    return new ClusterConfig(
        secret,
        identity,
        128,
        1024,
        5_000_000_000L,
        2_000_000_000L,
        120_000_000_000L,
        3_000_000_000L);
  }

  /**
   * With another patience at the start.
   *
   * @param graceNs before the first extent.
   * @return a changed copy.
   */
  public ClusterConfig withStartGraceNs(long graceNs) {
    return new ClusterConfig(
        secret,
        identity,
        queueDepth,
        completionEntries,
        callTimeoutNs,
        retryTimeoutNs,
        graceNs,
        capacityGraceNs);
  }
}
