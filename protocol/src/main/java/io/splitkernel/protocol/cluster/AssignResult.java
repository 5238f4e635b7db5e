package io.splitkernel.protocol.cluster;

import io.splitkernel.fabric.FabricAddress;

/** Answer to {@link MonitorClient#assignRegion}. */
public sealed interface AssignResult {
  /**
   * The vRegion lives at a memory component. Asking twice gives the same one.
   *
   * @param nodeId of the memory component.
   * @param address where it listens.
   * @param vRegionBytes length of a vRegion, a power of two.
   */
  record Assigned(long nodeId, FabricAddress address, long vRegionBytes) implements AssignResult {}

  /**
   * No memory component has room for an extent.
   *
   * @param freeBytes of all memory components together.
   */
  record NoCapacity(long freeBytes) implements AssignResult {}

  /**
   * The monitor refused, could not be asked, or did not answer in time; or the vRegion was on a
   * component that is lost.
   *
   * @param reason one line.
   */
  record Failed(String reason) implements AssignResult {}
}
