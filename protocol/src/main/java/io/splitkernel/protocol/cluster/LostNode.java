package io.splitkernel.protocol.cluster;

import io.splitkernel.protocol.NodeRole;

/**
 * A member that is gone without having left.
 *
 * @param nodeId of the member.
 * @param role of the member.
 * @param reason one line.
 */
public record LostNode(long nodeId, NodeRole role, String reason) {}
