package io.splitkernel.monitor.placement;

import io.splitkernel.monitor.membership.Member;

/** Answer to a request for a vRegion. */
public sealed interface PlacementOutcome {
  /**
   * It lives there, and the component knows it.
   *
   * @param member the memory component.
   */
  record Placed(Member member) implements PlacementOutcome {}

  /**
   * No memory component has room for an extent.
   *
   * @param freeBytes of all together.
   */
  record NoCapacity(long freeBytes) implements PlacementOutcome {}

  /**
   * It cannot be.
   *
   * @param reason one line.
   */
  record Failed(String reason) implements PlacementOutcome {}
}
