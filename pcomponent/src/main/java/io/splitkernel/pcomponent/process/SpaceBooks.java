package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.pcomponent.fault.AddressSpaces;
import io.splitkernel.pcomponent.space.Mapping;
import java.util.List;

/**
 * The changes of an address space's model and of the pager's state that belong together, in the
 * order that keeps a fork at any time whole: the pager first reads of the forks before a change,
 * and what is supervised is in the model before it is registered.
 */
final class SpaceBooks {
  private static final long PAGE = 4096;

  private final AddressSpaces pager;
  private final ProgramFacts facts;

  SpaceBooks(AddressSpaces pager, ProgramFacts facts) {
    this.pager = pager;
    this.facts = facts;
  }

  static boolean isRange(long address, long length) {
    return address >= 0 && (address & (PAGE - 1)) == 0 && length > 0 && address + length > address;
  }

  static long pageUp(long bytes) {
    return (bytes + PAGE - 1) & -PAGE;
  }

  /** Whether anything is known of a range; looks first whether a stack has grown into it. */
  boolean touches(SpaceCalls space, int tid, long start, long end) {
    lookForGrowth(space, tid, start, end);
    return space.model().intersects(start, end);
  }

  /** Brings the model up to what the kernel has made of stacks that reach into a range. */
  void lookForGrowth(SpaceCalls space, int tid, long start, long end) {
    for (Mapping growing : space.model().mayHaveGrownInto(start, end)) {
      lookForGrowth(space, tid, growing);
    }
  }

  /** Brings the model up to what the kernel has made of all stacks. */
  void lookForGrowth(SpaceCalls space, int tid) {
    for (Mapping growing : space.model().growing()) {
      lookForGrowth(space, tid, growing);
    }
  }

  private void lookForGrowth(SpaceCalls space, int tid, Mapping growing) {
    ProcMaps.Range area = facts.area(tid, growing.start());
    if (area != null) {
      space.model().grown(area.start(), growing.start());
    }
  }

  /** The kernel has unmapped a range. */
  void gone(SpaceCalls space, long start, long end) {
    pager.drop(space.number(), start, end);
    space.model().remove(start, end);
  }

  /** The kernel has mapped a range afresh; nothing that was there before shows through. */
  void fresh(SpaceCalls space, Mapping mapping, boolean mayBePopulated) {
    pager.drop(space.number(), mapping.start(), mapping.end());
    space.model().put(mapping);
    if (mapping.isSupervised()) {
      register(space, mapping, mayBePopulated);
    }
  }

  /** Registers a range that is in the model; one that the kernel refuses stays local. */
  void register(SpaceCalls space, Mapping mapping, boolean mayBePopulated) {
    int result = pager.register(space.number(), mapping.start(), mapping.end(), mayBePopulated);
    if (result < 0) {
      space.model().flags(mapping.start(), mapping.end(), Mapping.LOCAL, 0);
    }
  }

  /** Supervises again what was local. */
  void superviseAgain(SpaceCalls space, Mapping mapping, int clear) {
    space.model().flags(mapping.start(), mapping.end(), 0, clear | Mapping.LOCAL);
    register(space, mapping, true);
  }

  /**
   * Makes whatever is supervised of a range local.
   *
   * @return 0, or {@code -errno}.
   */
  int localize(SpaceCalls space, long start, long end) {
    for (Mapping part : space.model().mappings(start, end)) {
      if (part.isSupervised()) {
        int result = pager.localize(space.number(), part.start(), part.end());
        if (result < 0) {
          return result == -Errno.ESRCH ? result : -Errno.ENOMEM;
        }
        space.model().flags(part.start(), part.end(), Mapping.LOCAL, 0);
      }
    }
    return 0;
  }

  /** After a refusal that may have come half-way: forgets what is no longer mapped. */
  void reconcile(SpaceCalls space, int tid, long start, long end) {
    List<ProcMaps.Range> areas = facts.areas(tid, start, end);
    if (areas.isEmpty() && facts.sizeBytes(tid) == 0) {
      return; // the thread has ended: nothing is known
    }
    long from = start;
    for (ProcMaps.Range area : areas) {
      dropKnown(space, from, area.start());
      from = Math.max(from, area.end());
    }
    dropKnown(space, from, end);
  }

  private void dropKnown(SpaceCalls space, long start, long end) {
    if (start < end && space.model().intersects(start, end)) {
      gone(space, start, end);
    }
  }
}
