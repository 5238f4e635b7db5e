/**
 * The monitor: {@code membership} knows who is there, {@code placement} where memory lives, {@code
 * process} which programs run; {@code coordination} holds what must outlive a monitor, and {@code
 * node} puts it all behind the protocol. Start at {@link io.splitkernel.monitor.node.MonitorNode}.
 * None of it is on a fault's path.
 */
package io.splitkernel.monitor;
