package io.splitkernel.pcomponent.process;

import java.util.Map;
import java.util.TreeMap;

/**
 * The ranges of one address space that are supervised: page-aligned, disjoint, half-open,
 * neighbours merged. Not thread-safe; its owner locks.
 */
final class MappingSet {
  private final TreeMap<Long, Long> endByStart = new TreeMap<>();

  MappingSet copy() {
    MappingSet copy = new MappingSet();
    copy.endByStart.putAll(endByStart);
    return copy;
  }

  void add(long start, long end) {
    long from = start;
    long to = end;
    Map.Entry<Long, Long> before = endByStart.floorEntry(start);
    if (before != null && before.getValue() >= start) {
      from = before.getKey();
      to = Math.max(to, before.getValue());
    }
    Map.Entry<Long, Long> next = endByStart.ceilingEntry(from);
    while (next != null && next.getKey() <= to) {
      to = Math.max(to, next.getValue());
      endByStart.remove(next.getKey());
      next = endByStart.ceilingEntry(from);
    }
    endByStart.put(from, to);
  }

  void remove(long start, long end) {
    Map.Entry<Long, Long> before = endByStart.lowerEntry(start);
    if (before != null && before.getValue() > start) {
      long oldEnd = before.getValue();
      endByStart.put(before.getKey(), start);
      if (oldEnd > end) {
        endByStart.put(end, oldEnd);
        return;
      }
    }
    Map.Entry<Long, Long> next = endByStart.ceilingEntry(start);
    while (next != null && next.getKey() < end) {
      endByStart.remove(next.getKey());
      if (next.getValue() > end) {
        endByStart.put(end, next.getValue());
        return;
      }
      next = endByStart.ceilingEntry(start);
    }
  }

  /** True when some page of the range is supervised. */
  boolean intersects(long start, long end) {
    Map.Entry<Long, Long> before = endByStart.lowerEntry(end);
    return before != null && before.getValue() > start;
  }

  boolean contains(long address) {
    return intersects(address, address + 1);
  }

  long bytes() {
    return endByStart.entrySet().stream().mapToLong(e -> e.getValue() - e.getKey()).sum();
  }
}
