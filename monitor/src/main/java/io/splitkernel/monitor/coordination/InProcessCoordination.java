package io.splitkernel.monitor.coordination;

import io.splitkernel.protocol.NodeIdentity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** State of a cluster with a single monitor, which ends with it. */
public final class InProcessCoordination implements Coordination {
  /** Changes of a volume's owner for each millisecond of a monitor's life: more than can be. */
  private static final int EPOCHS_A_MS_SHIFT = 16;

  private final int regionsMax;
  private final int volumesMax;
  private final Map<Long, Map<Long, Long>> spaces = new HashMap<>();
  private final Map<String, VolumeEntry> volumes = new HashMap<>();
  private final Map<Long, Long> regionsByNode = new HashMap<>();
  private final long firstEpoch = System.currentTimeMillis() << EPOCHS_A_MS_SHIFT;
  private long lastNodeId;
  private long regions;

  /**
   * Empty.
   *
   * @param regionsMax vRegions that can be remembered.
   * @param volumesMax volumes whose owner can be remembered.
   */
  public InProcessCoordination(int regionsMax, int volumesMax) {
    this.volumesMax = volumesMax;
    this.regionsMax = regionsMax;
  }

  @Override
  public synchronized long nextNodeId() {
    if (lastNodeId == 0xFFFF_FFFFL) {
      throw new IllegalStateException("all 2^32-1 node ids have been given out");
    }
    return ++lastNodeId;
  }

  @Override
  public synchronized long ownerOf(long spaceId, long regionIndex) {
    return spaces.getOrDefault(spaceId, Map.of()).getOrDefault(regionIndex, NONE);
  }

  @Override
  public synchronized long place(long spaceId, long regionIndex, long nodeId) {
    long owner = ownerOf(spaceId, regionIndex);
    if (owner != NONE) {
      return owner;
    }
    if (regions >= regionsMax) {
      return NONE;
    }
    spaces.computeIfAbsent(spaceId, _ -> new HashMap<>()).put(regionIndex, nodeId);
    regionsByNode.merge(nodeId, 1L, Long::sum);
    regions++;
    return nodeId;
  }

  @Override
  public synchronized void unplace(long spaceId, long regionIndex) {
    Map<Long, Long> placed = spaces.get(spaceId);
    if (placed == null) {
      return;
    }
    Long owner = placed.remove(regionIndex);
    if (owner != null) {
      uncount(owner);
    }
    if (placed.isEmpty()) {
      spaces.remove(spaceId);
    }
  }

  @Override
  public synchronized void forgetSpace(long spaceId) {
    Map<Long, Long> placed = spaces.remove(spaceId);
    if (placed != null) {
      placed.values().forEach(this::uncount);
    }
  }

  @Override
  public synchronized void forgetSpacesOf(long nodeId) {
    List<Long> gone =
        spaces.keySet().stream().filter(id -> NodeIdentity.nodeOf(id) == nodeId).toList();
    gone.forEach(this::forgetSpace);
  }

  private void uncount(Long owner) {
    regions--;
    regionsByNode.computeIfPresent(owner, (_, count) -> count == 1 ? null : count - 1);
  }

  @Override
  public synchronized long regionsAt(long nodeId) {
    return regionsByNode.getOrDefault(nodeId, 0L);
  }

  @Override
  public synchronized long regionsAt(long nodeId, long spaceId) {
    return spaces.getOrDefault(spaceId, Map.of()).values().stream()
        .filter(owner -> owner == nodeId)
        .count();
  }

  @Override
  public synchronized long regions() {
    return regions;
  }

  @Override
  public long firstEpoch() {
    return firstEpoch;
  }

  @Override
  public synchronized VolumeEntry volume(String volume) {
    return volumes.get(volume);
  }

  @Override
  public synchronized boolean replaceVolume(String volume, VolumeEntry expected, VolumeEntry next) {
    boolean full = expected == null && volumes.size() >= volumesMax;
    if (full || !Objects.equals(volumes.get(volume), expected)) {
      return false;
    }
    volumes.put(volume, next);
    return true;
  }

  @Override
  public synchronized long volumesAt(long nodeId) {
    return volumes.values().stream().filter(v -> v.owner() == nodeId).count();
  }
}
