package io.splitkernel.monitor.placement;

import io.splitkernel.monitor.MonitorCounter;
import io.splitkernel.monitor.coordination.Coordination;
import io.splitkernel.monitor.membership.Member;
import io.splitkernel.monitor.membership.MemberTable;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.counters.Counters;
import io.splitkernel.protocol.rpc.CallResult;
import io.splitkernel.protocol.sbe.DoneDecoder;
import io.splitkernel.protocol.sbe.GrantRegionEncoder;
import java.util.Comparator;
import java.util.List;

/**
 * Gives each vRegion to one memory component: to one with the most free capacity, and among those
 * that are about equal (within 1/16 of their capacity) to the one that has most of the same address
 * space, so that the loss of a component hits few programs; a new address space goes to the one
 * with the fewest vRegions, because a vRegion costs nothing until it is written. Thread-safe.
 */
public final class RegionPlacement {
  private static final int FREE_STEPS = 16;

  private final Coordination coordination;
  private final MemberTable members;
  private final Counters<MonitorCounter> counters;
  private final long vRegionBytes;
  private final long grantTimeoutNs;

  /**
   * No placement yet.
   *
   * @param coordination remembers placements.
   * @param members to choose from.
   * @param counters to bump.
   * @param vRegionBytes length of a vRegion.
   * @param grantTimeoutNs within which a memory component must have taken a vRegion.
   */
  public RegionPlacement(
      Coordination coordination,
      MemberTable members,
      Counters<MonitorCounter> counters,
      long vRegionBytes,
      long grantTimeoutNs) {
    this.coordination = coordination;
    this.members = members;
    this.counters = counters;
    this.vRegionBytes = vRegionBytes;
    this.grantTimeoutNs = grantTimeoutNs;
  }

  /**
   * Tells where a vRegion lives, placing it when it is new.
   *
   * @param spaceId of its address space.
   * @param regionIndex of the vRegion in it.
   * @return the answer.
   */
  public PlacementOutcome assign(long spaceId, long regionIndex) {
    long owner = coordination.ownerOf(spaceId, regionIndex);
    if (owner == Coordination.NONE) {
      Member chosen = choose(spaceId);
      if (chosen == null) {
        counters.increment(MonitorCounter.REGIONS_REFUSED);
        return new PlacementOutcome.NoCapacity(freeBytes());
      }
      owner = coordination.place(spaceId, regionIndex, chosen.nodeId());
      if (owner == Coordination.NONE) {
        counters.increment(MonitorCounter.REGIONS_REFUSED);
        return new PlacementOutcome.Failed("no more vRegions can be remembered");
      }
      counters.set(MonitorCounter.REGIONS, coordination.regions());
    }
    Member member = members.find(owner);
    if (member == null) {
      return new PlacementOutcome.Failed(
          "the vRegion was at memory component " + owner + ", which is lost");
    }
    return grant(member, spaceId, regionIndex);
  }

  private PlacementOutcome grant(Member member, long spaceId, long regionIndex) {
    CallResult result =
        member
            .connection()
            .call(
                DoneDecoder.TEMPLATE_ID,
                (buffer, header, id) ->
                    new GrantRegionEncoder()
                        .wrapAndApplyHeader(buffer, 0, header)
                        .correlationId(id)
                        .spaceId(spaceId)
                        .regionIndex(regionIndex)
                        .vRegionBytes(vRegionBytes)
                        .encodedLength(),
                grantTimeoutNs);
    if (result instanceof CallResult.Reply) {
      return new PlacementOutcome.Placed(member);
    }
    if (result instanceof CallResult.Refused) {
      coordination.unplace(spaceId, regionIndex);
      counters.set(MonitorCounter.REGIONS, coordination.regions());
    }
    return new PlacementOutcome.Failed(
        "memory component " + member.nodeId() + ": " + result.failure());
  }

  private Member choose(long spaceId) {
    return members.of(NodeRole.MEMORY).stream()
        .filter(m -> m.freeBytes() >= m.description().extentBytes())
        .min(
            Comparator.<Member>comparingLong(m -> -freeSteps(m))
                .thenComparingLong(m -> -coordination.regionsAt(m.nodeId(), spaceId))
                .thenComparingLong(m -> coordination.regionsAt(m.nodeId()))
                .thenComparingLong(Member::nodeId))
        .orElse(null);
  }

  /** Free capacity in coarse steps that are equal for components of different size. */
  private long freeSteps(Member member) {
    long largest = 1;
    for (Member m : members.of(NodeRole.MEMORY)) {
      largest = Math.max(largest, m.description().capacityBytes());
    }
    long step = Math.max(1, largest / FREE_STEPS);
    return (member.freeBytes() + step / 2) / step;
  }

  private long freeBytes() {
    List<Member> memory = members.of(NodeRole.MEMORY);
    return memory.stream().mapToLong(Member::freeBytes).sum();
  }
}
