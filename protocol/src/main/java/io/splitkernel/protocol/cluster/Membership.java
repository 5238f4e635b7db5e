package io.splitkernel.protocol.cluster;

import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.protocol.NodeRole;

/**
 * What a component tells the monitor when it becomes a member.
 *
 * @param role of the component.
 * @param name shown to operators, 1 to 64 characters.
 * @param address where it listens, or null.
 * @param processId its process on its machine.
 * @param capacityBytes memory that it offers; 0 for others than memory components.
 * @param extentBytes its allocation granularity; 0 for others than memory components.
 * @param counters read at every heartbeat.
 */
public record Membership(
    NodeRole role,
    String name,
    FabricAddress address,
    long processId,
    long capacityBytes,
    long extentBytes,
    CounterSource counters) {
  /**
   * For a component that only uses the cluster.
   *
   * @param name shown to operators.
   * @param counters read at every heartbeat.
   * @return what to tell.
   */
  public static Membership processor(String name, CounterSource counters) {
    return new Membership(
        NodeRole.PROCESSOR, name, null, ProcessHandle.current().pid(), 0, 0, counters);
  }
}
