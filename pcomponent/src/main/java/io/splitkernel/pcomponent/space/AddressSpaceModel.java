package io.splitkernel.pcomponent.space;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The mappings of one address space: ordered disjoint ranges with protection, kind and flags, and
 * where the heap is. What is supervised is in it before it is registered with the kernel and until
 * the kernel has unmapped it; what else it knows ({@link Mapping#LOCAL}) is there because the
 * program has asked for something special. Any thread; every method is short.
 */
public final class AddressSpaceModel {
  /** Above what a stack grows by where its limit is an ordinary one. */
  public static final long GROWTH_MAX_BYTES = 1L << 30;

  private final MappingTree mappings;
  private long heapStart;
  private long heapEnd;
  private boolean futureLocked;
  private boolean thpDisabled;
  private boolean mergeable;
  private long lockedBytes;

  /** A space of which nothing is known. */
  public AddressSpaceModel() {
    this(new MappingTree());
  }

  private AddressSpaceModel(MappingTree mappings) {
    this.mappings = mappings;
  }

  /**
   * What a child that is forked now has: without the ranges of MADV_DONTFORK, with nothing locked.
   * The pages of {@link #forEachNotInherited} are not the child's.
   */
  public synchronized AddressSpaceModel copy() {
    AddressSpaceModel copy = new AddressSpaceModel(mappings.copy());
    for (Mapping mapping : mappings.all()) {
      Mapping inherited = mapping.inherited();
      if (inherited == null) {
        copy.mappings.remove(mapping.start(), mapping.end());
      } else if (!inherited.equals(mapping)) {
        copy.mappings.put(inherited);
      }
    }
    copy.heapStart = heapStart;
    // the parent may be about to change its own, so the child asks the kernel for its break
    copy.heapEnd = 0;
    copy.thpDisabled = thpDisabled;
    copy.mergeable = mergeable;
    return copy;
  }

  /**
   * Calls for every range whose pages a forked child does not get: it lacks the range or finds it
   * empty. The action must be short and must not block.
   */
  public synchronized void forEachNotInherited(Consumer<Mapping> action) {
    int notInherited = Mapping.DONT_FORK | Mapping.WIPE_ON_FORK | Mapping.DROPPABLE;
    for (Mapping mapping : mappings.all()) {
      if (mapping.has(notInherited)) {
        action.accept(mapping);
      }
    }
  }

  /** Puts a range in, in place of whatever was known there. */
  public synchronized void put(Mapping mapping) {
    uncount(mapping.start(), mapping.end());
    mappings.put(mapping);
    if (mapping.has(Mapping.LOCKED)) {
      lockedBytes += mapping.bytes();
    }
  }

  /** Forgets whatever is in a range. */
  public synchronized void remove(long start, long end) {
    uncount(start, end);
    mappings.remove(start, end);
  }

  /** Sets and clears flags of all that is known in a range. */
  public synchronized void flags(long start, long end, int set, int clear) {
    uncount(start, end);
    mappings.change(start, end, mapping -> mapping.flags(set, clear));
    for (Mapping part : mappings.parts(start, end)) {
      if (part.has(Mapping.LOCKED)) {
        lockedBytes += part.bytes();
      }
    }
  }

  private void uncount(long start, long end) {
    if (lockedBytes > 0) {
      for (Mapping part : mappings.parts(start, end)) {
        if (part.has(Mapping.LOCKED)) {
          lockedBytes -= part.bytes();
        }
      }
    }
  }

  /** Changes the PROT_ bits of all that is known in a range. */
  public synchronized void protect(long start, long end, int protection) {
    mappings.change(start, end, mapping -> mapping.protection(protection));
  }

  /**
   * Says that a stack has grown, or that a mapping which grows down has.
   *
   * @param start where it starts now.
   * @param oldStart where it started, as known here.
   */
  public synchronized void grown(long start, long oldStart) {
    Mapping mapping = mappings.at(oldStart);
    if (mapping != null && start < mapping.start() && !intersects(start, mapping.start())) {
      put(mapping.at(start, mapping.end()));
    }
  }

  /**
   * Says that mremap(2) has moved a range.
   *
   * @param keepSource MREMAP_DONTUNMAP.
   */
  public synchronized void move(
      long from, long oldLength, long to, long newLength, boolean keepSource) {
    List<Mapping> parts = mappings.parts(from, from + Math.min(oldLength, newLength));
    if (!keepSource) {
      remove(from, from + oldLength);
    }
    remove(to, to + newLength);
    for (Mapping part : parts) {
      long start = to + (part.start() - from);
      boolean last = part.end() == from + Math.min(oldLength, newLength);
      put(part.at(start, last ? to + newLength : start + part.bytes()));
    }
  }

  /** Whether some page of a range is supervised. */
  public synchronized boolean isSupervised(long start, long end) {
    boolean[] found = new boolean[1];
    mappings.forEach(start, end, mapping -> found[0] |= mapping.isSupervised());
    return found[0];
  }

  /** Whether anything is known of some page of a range. */
  public synchronized boolean intersects(long start, long end) {
    Mapping before = mappings.previous(end);
    return before != null && before.end() > start;
  }

  /** Whether a range is supervised without a gap, and nothing in it has any of some flags. */
  public synchronized boolean isAllSupervised(long start, long end, int withoutFlags) {
    long[] reached = {start};
    mappings.forEach(
        start,
        end,
        mapping -> {
          if (mapping.start() <= reached[0] && !mapping.has(withoutFlags | Mapping.LOCAL)) {
            reached[0] = mapping.end();
          }
        });
    return reached[0] >= end;
  }

  /** The range that holds an address, or null. */
  public synchronized Mapping at(long address) {
    return mappings.at(address);
  }

  /** All that is known of a range, in order, cut to it. */
  public synchronized List<Mapping> mappings(long start, long end) {
    return mappings.parts(start, end);
  }

  /** Calls for every range. The action must be short and must not block. */
  public synchronized void forEach(Consumer<Mapping> action) {
    mappings.all().forEach(action);
  }

  /**
   * The ranges that may have grown into a given one unseen: the kernel lets a stack grow on faults
   * below it, and what it grows by is registered as the rest is.
   */
  public synchronized List<Mapping> mayHaveGrownInto(long start, long end) {
    List<Mapping> found = new ArrayList<>(0);
    mappings.forEach(
        start,
        end,
        mapping -> {
          if (mapping.start() > start && hasRoomBelow(mapping, end)) {
            found.add(mapping);
          }
        });
    Mapping above = mappings.next(end);
    boolean near = above != null && above.start() - GROWTH_MAX_BYTES < end;
    if (near && hasRoomBelow(above, end)) {
      found.add(above);
    }
    return found;
  }

  /** Whether a range grows down and nothing is known of what is right below it and an address. */
  private boolean hasRoomBelow(Mapping mapping, long address) {
    Mapping below = mapping.kind().growsDown() ? mappings.previous(mapping.start()) : mapping;
    return below == null || below.end() < Math.min(address, mapping.start());
  }

  /** Every range that the kernel may have made larger. */
  public synchronized List<Mapping> growing() {
    return mappings.parts(0, Long.MAX_VALUE).stream().filter(m -> m.kind().growsDown()).toList();
  }

  /** First byte of the heap, 0 for not known. */
  public synchronized long heapStart() {
    return heapStart;
  }

  /** The program break, 0 for not known. */
  public synchronized long heapEnd() {
    return heapEnd;
  }

  /** Says where the heap is; zeros for not known. */
  public synchronized void heap(long start, long end) {
    heapStart = start;
    heapEnd = end;
  }

  /** Whether what is mapped from now on is locked: mlockall(MCL_FUTURE). */
  public synchronized boolean isFutureLocked() {
    return futureLocked;
  }

  /** Says whether what is mapped from now on is locked. */
  public synchronized void futureLocked(boolean locked) {
    futureLocked = locked;
  }

  /** What the program has set by PR_SET_THP_DISABLE, which has no effect on supervised memory. */
  public synchronized boolean isThpDisabled() {
    return thpDisabled;
  }

  /** Says what the program has set by PR_SET_THP_DISABLE. */
  public synchronized void thpDisabled(boolean disabled) {
    thpDisabled = disabled;
  }

  /** What the program has set by PR_SET_MEMORY_MERGE, which has no effect on supervised memory. */
  public synchronized boolean isMergeable() {
    return mergeable;
  }

  /** Says what the program has set by PR_SET_MEMORY_MERGE. */
  public synchronized void mergeable(boolean mayMerge) {
    mergeable = mayMerge;
  }

  /** Bytes of the ranges that are {@link Mapping#LOCKED}. */
  public synchronized long lockedBytes() {
    return lockedBytes;
  }

  /** How many ranges there are. */
  public synchronized int size() {
    return mappings.size();
  }
}
