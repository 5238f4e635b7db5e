package io.splitkernel.pcomponent.region;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Where the memory of one space is: its vRegions and its extents. Region control thread. */
final class SpaceRegions {
  private final int number;
  private final Map<Long, MemoryStore> stores = new HashMap<>();
  private final Map<MemoryStore, DataLink> links = new HashMap<>();
  private final TreeMap<Long, RegionNews.Granted> extents = new TreeMap<>();

  SpaceRegions(int number) {
    this.number = number;
  }

  /** Number of the space. */
  int number() {
    return number;
  }

  /** The memory component that each vRegion is at, by the vRegion's index. */
  Map<Long, MemoryStore> stores() {
    return stores;
  }

  /** The space's connection to each of them. */
  Map<MemoryStore, DataLink> links() {
    return links;
  }

  /** An extent was granted; the space has it until its end. */
  void hasExtent(RegionNews.Granted extent) {
    extents.put(extent.extentAddress(), extent);
  }

  /** The extent that holds an address, or null. */
  RegionNews.Granted extentOf(long address) {
    Map.Entry<Long, RegionNews.Granted> below = extents.floorEntry(address);
    boolean holds = below != null && address - below.getKey() < below.getValue().extentBytes();
    return holds ? below.getValue() : null;
  }
}
