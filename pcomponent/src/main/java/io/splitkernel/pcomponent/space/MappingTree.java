package io.splitkernel.pcomponent.space;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Disjoint mappings in the order of their addresses, like neighbours merged. A copy shares the
 * mappings, which never change. Not thread-safe; its owner locks.
 */
final class MappingTree {
  private final TreeMap<Long, Mapping> byStart = new TreeMap<>();

  MappingTree copy() {
    MappingTree copy = new MappingTree();
    copy.byStart.putAll(byStart);
    return copy;
  }

  int size() {
    return byStart.size();
  }

  /** Puts a mapping where it belongs, in place of whatever was there. */
  void put(Mapping mapping) {
    remove(mapping.start(), mapping.end());
    putMerged(mapping);
  }

  private void putMerged(Mapping mapping) {
    Mapping merged = mapping;
    Map.Entry<Long, Mapping> before = byStart.lowerEntry(mapping.start());
    if (before != null && before.getValue().continuesIn(mapping)) {
      merged = before.getValue();
      merged =
          new Mapping(
              merged.start(),
              mapping.end(),
              merged.protection(),
              merged.kind(),
              merged.flags(),
              merged.file());
    }
    Mapping after = byStart.get(mapping.end());
    if (after != null && merged.continuesIn(after)) {
      byStart.remove(after.start());
      merged = merged.at(merged.start(), after.end());
    }
    byStart.put(merged.start(), merged);
  }

  void remove(long start, long end) {
    Map.Entry<Long, Mapping> before = byStart.lowerEntry(start);
    if (before != null && before.getValue().end() > start) {
      Mapping cut = before.getValue();
      byStart.put(cut.start(), cut.clip(cut.start(), start));
      if (cut.end() > end) {
        byStart.put(end, cut.clip(end, cut.end()));
        return;
      }
    }
    Map.Entry<Long, Mapping> next = byStart.ceilingEntry(start);
    while (next != null && next.getKey() < end) {
      byStart.remove(next.getKey());
      if (next.getValue().end() > end) {
        byStart.put(end, next.getValue().clip(end, next.getValue().end()));
        return;
      }
      next = byStart.ceilingEntry(start);
    }
  }

  /** Replaces every part that lies in a range by what a function makes of it; null removes it. */
  void change(long start, long end, UnaryOperator<Mapping> change) {
    for (Mapping part : parts(start, end)) {
      Mapping changed = change.apply(part);
      if (changed == null) {
        remove(part.start(), part.end());
      } else if (!changed.equals(part)) {
        put(changed);
      }
    }
  }

  /** The mappings in a range, cut to it. */
  List<Mapping> parts(long start, long end) {
    List<Mapping> parts = new ArrayList<>();
    forEach(start, end, mapping -> parts.add(mapping.clip(start, end)));
    return parts;
  }

  /** Calls for every mapping that meets a range, whole. */
  void forEach(long start, long end, Consumer<Mapping> action) {
    if (start >= end) {
      return;
    }
    Map.Entry<Long, Mapping> before = byStart.lowerEntry(start);
    if (before != null && before.getValue().end() > start) {
      action.accept(before.getValue());
    }
    byStart.subMap(start, end).values().forEach(action);
  }

  /** The mapping that holds an address, or null. */
  Mapping at(long address) {
    Map.Entry<Long, Mapping> entry = byStart.floorEntry(address);
    return entry == null || entry.getValue().end() <= address ? null : entry.getValue();
  }

  /** The first mapping that starts at an address or above, or null. */
  Mapping next(long address) {
    Map.Entry<Long, Mapping> entry = byStart.ceilingEntry(address);
    return entry == null ? null : entry.getValue();
  }

  /** The last mapping that starts below an address, or null. */
  Mapping previous(long address) {
    Map.Entry<Long, Mapping> entry = byStart.lowerEntry(address);
    return entry == null ? null : entry.getValue();
  }

  Iterable<Mapping> all() {
    return byStart.values();
  }
}
