package io.splitkernel.monitor.placement;

import io.splitkernel.monitor.coordination.Coordination;
import io.splitkernel.monitor.coordination.VolumeEntry;
import io.splitkernel.monitor.membership.Member;
import io.splitkernel.monitor.membership.MemberTable;
import io.splitkernel.protocol.NodeRole;
import java.util.Comparator;

/**
 * Gives each volume of files to one memory component, which caches it: to the one that is
 * preferred, else to one with the fewest volumes, and among those to the one with most free memory.
 * It keeps it as long as it lives. Without one that wants volumes nobody caches it. State is the
 * coordination's. Thread-safe.
 */
public final class VolumeOwners {
  private static final int TRIES = 1000;

  private final Coordination coordination;
  private final MemberTable members;

  /**
   * @param coordination remembers owners.
   * @param members to choose from.
   */
  public VolumeOwners(Coordination coordination, MemberTable members) {
    this.coordination = coordination;
    this.members = members;
  }

  /**
   * Answer to a question for a volume.
   *
   * @param entry as it is now.
   * @param member its owner, or null when nobody caches it.
   */
  public record Found(VolumeEntry entry, Member member) {}

  /**
   * Tells who has a volume, and gives it to one when nobody has.
   *
   * @param volume name of its storage component and its own.
   * @param preferred node id, or 0.
   * @param refusedEpoch highest epoch that the one who asks has heard of, or 0.
   * @return the answer, or null when no more volumes can be remembered.
   */
  public Found find(String volume, long preferred, long refusedEpoch) {
    for (int tries = 0; tries < TRIES; tries++) {
      VolumeEntry now = coordination.volume(volume);
      Member owner = now == null ? null : living(now.owner());
      boolean current = now != null && now.epoch() >= refusedEpoch;
      if (current && owner != null) {
        return new Found(now, owner);
      }
      Member chosen = owner != null ? owner : choose(preferred);
      boolean direct = current && now.owner() == VolumeEntry.DIRECT;
      // A client that comes back stays where it was; a new one may bring the volume to an owner.
      if (direct && (chosen == null || refusedEpoch > 0)) {
        return new Found(now, null);
      }
      VolumeEntry next = next(now, chosen, refusedEpoch);
      if (coordination.replaceVolume(volume, now, next)) {
        return new Found(next, chosen);
      }
    }
    return null;
  }

  private VolumeEntry next(VolumeEntry now, Member chosen, long refusedEpoch) {
    long epoch = Math.max(now == null ? coordination.firstEpoch() : now.epoch(), refusedEpoch) + 1;
    // Unknown epochs have come between when the entry is behind what has been heard of.
    boolean kept = now != null && now.owner() <= 0 && now.epoch() >= refusedEpoch;
    long keptSince = kept ? now.keptSinceEpoch() : epoch;
    return new VolumeEntry(chosen == null ? VolumeEntry.DIRECT : chosen.nodeId(), epoch, keptSince);
  }

  /**
   * An owner has written everything back.
   *
   * @param volume as above.
   * @param nodeId of the owner.
   * @param epoch under which it had it.
   * @return false when it is not the owner.
   */
  public boolean giveUp(String volume, long nodeId, long epoch) {
    VolumeEntry now = coordination.volume(volume);
    return now != null
        && now.owner() == nodeId
        && now.epoch() == epoch
        && coordination.replaceVolume(
            volume, now, new VolumeEntry(VolumeEntry.FREE, epoch, now.keptSinceEpoch()));
  }

  private Member living(long nodeId) {
    return nodeId > 0 ? members.find(nodeId) : null;
  }

  private Member choose(long preferred) {
    Member wanted = living(preferred);
    if (wanted != null && caches(wanted)) {
      return wanted;
    }
    return members.of(NodeRole.MEMORY).stream()
        .filter(VolumeOwners::caches)
        .min(
            Comparator.<Member>comparingLong(m -> coordination.volumesAt(m.nodeId()))
                .thenComparingLong(m -> -m.freeBytes())
                .thenComparingLong(Member::nodeId))
        .orElse(null);
  }

  /** One that is leaving takes no more. */
  private static boolean caches(Member member) {
    return member.description().fileCacheBytes() > 0 && !member.leaving();
  }
}
