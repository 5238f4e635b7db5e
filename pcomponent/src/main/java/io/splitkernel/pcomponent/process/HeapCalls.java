package io.splitkernel.pcomponent.process;

import io.splitkernel.pcomponent.space.AddressSpaceModel;
import io.splitkernel.pcomponent.space.Mapping;
import io.splitkernel.pcomponent.space.MappingKind;

/** brk(2), the system call: it answers the break, which is the old one when it refuses. */
final class HeapCalls {
  private static final int READ_WRITE = 3;

  private final SpaceBooks books;
  private final ProgramFacts facts;
  private final LockLimits locks;
  private final MapCalls maps;

  HeapCalls(SpaceBooks books, ProgramFacts facts, LockLimits locks, MapCalls maps) {
    this.books = books;
    this.facts = facts;
    this.locks = locks;
    this.maps = maps;
  }

  long brk(SpaceCalls space, int tid, long wanted) {
    AddressSpaceModel model = space.model();
    long before = model.heapEnd();
    if (before == 0) {
      before = space.call(MemoryCalls.SYS_BRK, 0, 0, 0, 0, 0);
      if (before < 0) {
        return before;
      }
      model.heap(model.heapStart() == 0 ? before : model.heapStart(), before);
    }
    if (wanted == 0) {
      return before;
    }
    long oldTop = SpaceBooks.pageUp(before);
    long newTop = SpaceBooks.pageUp(wanted);
    boolean locked = model.isFutureLocked();
    if (wanted > before && newTop > oldTop) {
      long bytes = newTop - oldTop;
      if (!maps.admits(bytes)
          || (locked && (locks.kernelSays(tid, bytes) != 0 || !locks.fits(bytes)))) {
        return before;
      }
      facts.lendLimits(tid, space.agentTid());
    }
    long after = space.call(MemoryCalls.SYS_BRK, wanted, 0, 0, 0, 0);
    if (after == InProgramAgent.GONE) {
      return after; // not refused: it is tried again
    }
    if (after != wanted) {
      return after < 0 ? before : after;
    }
    model.heap(model.heapStart(), after);
    if (newTop > oldTop) {
      int local = locked ? Mapping.LOCKED | Mapping.LOCAL : 0;
      books.fresh(
          space, new Mapping(oldTop, newTop, READ_WRITE, MappingKind.HEAP, local, null), false);
    } else if (newTop < oldTop) {
      books.gone(space, newTop, oldTop);
    }
    return after;
  }
}
