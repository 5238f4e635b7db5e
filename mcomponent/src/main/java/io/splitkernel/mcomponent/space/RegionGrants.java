package io.splitkernel.mcomponent.space;

import io.splitkernel.protocol.NodeIdentity;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which vRegions the monitor has placed here. Without a monitor every vRegion counts as placed
 * here. Thread-safe.
 */
public final class RegionGrants {
  private final boolean everything;
  private final int grantsMax;
  private final Map<Long, Set<Long>> regions = new LinkedHashMap<>();
  private int grants;

  /**
   * No grants yet.
   *
   * @param everything true without a monitor.
   * @param grantsMax most grants that are remembered.
   */
  public RegionGrants(boolean everything, int grantsMax) {
    this.everything = everything;
    this.grantsMax = grantsMax;
  }

  /**
   * A vRegion is now ours.
   *
   * @param spaceId of its space.
   * @param regionIndex address divided by the vRegion's length.
   * @return false when no more can be remembered.
   */
  public synchronized boolean grant(long spaceId, long regionIndex) {
    if (grants >= grantsMax) {
      return false;
    }
    if (regions.computeIfAbsent(spaceId, _ -> new HashSet<>()).add(regionIndex)) {
      grants++;
    }
    return true;
  }

  /**
   * A space has ended.
   *
   * @param spaceId of the space.
   */
  public synchronized void revoke(long spaceId) {
    Set<Long> gone = regions.remove(spaceId);
    if (gone != null) {
      grants -= gone.size();
    }
  }

  /**
   * A processor component is gone, and with it its spaces.
   *
   * @param nodeId of the processor component.
   */
  public synchronized void revokeNode(long nodeId) {
    List<Long> gone =
        regions.keySet().stream().filter(id -> NodeIdentity.nodeOf(id) == nodeId).toList();
    gone.forEach(this::revoke);
  }

  /**
   * Whether a vRegion is ours.
   *
   * @param spaceId of its space.
   * @param regionIndex address divided by the vRegion's length.
   * @return true when extents in it may be materialised.
   */
  public synchronized boolean owns(long spaceId, long regionIndex) {
    return everything || regions.getOrDefault(spaceId, Set.of()).contains(regionIndex);
  }

  /**
   * Grants that are remembered.
   *
   * @return how many.
   */
  public synchronized int count() {
    return grants;
  }
}
