/**
 * The composition root of the monitor. {@link io.splitkernel.monitor.node.MonitorNode} starts
 * everything; {@code MemberRequests} and {@code OperatorRequests} are the two families of messages.
 */
package io.splitkernel.monitor.node;
