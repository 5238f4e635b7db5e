package io.splitkernel.protocol.cluster;

import java.util.Map;

/**
 * Counters of one member as last reported.
 *
 * @param node whose they are.
 * @param values by name, in the member's order.
 */
public record NodeCounters(NodeInfo node, Map<String, Long> values) {}
