package io.splitkernel.protocol.cluster;

import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.protocol.NodeRole;

/**
 * One member, as the monitor knows it.
 *
 * @param nodeId of the member.
 * @param role of the member.
 * @param name of the member.
 * @param address where it listens, or null.
 * @param processId its process on its machine, or 0.
 * @param capacityBytes memory that it offers, or 0.
 * @param freeBytes of it, as last reported.
 * @param heartbeatAgeNs since its last sign of life.
 * @param regions vRegions assigned to it.
 */
public record NodeInfo(
    long nodeId,
    NodeRole role,
    String name,
    FabricAddress address,
    long processId,
    long capacityBytes,
    long freeBytes,
    long heartbeatAgeNs,
    long regions) {}
