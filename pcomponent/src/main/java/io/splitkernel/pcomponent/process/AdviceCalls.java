package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.pcomponent.fault.AddressSpaces;
import io.splitkernel.pcomponent.space.Mapping;
import java.util.List;

/**
 * madvise(2). The kernel goes through a range from below, passes over holes and stops where it
 * refuses; so does this, so that nothing is forgotten that the kernel has kept.
 */
final class AdviceCalls {
  private static final long PROCEED = MemoryCalls.PROCEED;
  private static final long HUGE_PAGE = 2L << 20;

  /** Of a range with none of these the kernel frees pages without fail. */
  private static final int MAY_REFUSE = Mapping.SEALED | Mapping.LOCKED;

  private final AddressSpaces pager;
  private final SpaceBooks books;
  private final ProgramFacts facts;

  AdviceCalls(AddressSpaces pager, SpaceBooks books, ProgramFacts facts) {
    this.pager = pager;
    this.books = books;
    this.facts = facts;
  }

  /** As madvise(2) of the program's, which may be left to the kernel. */
  long madvise(SpaceCalls space, int tid, long address, long bytes, int advice) {
    long length = SpaceBooks.pageUp(bytes);
    if (!SpaceBooks.isRange(address, length)
        || !books.touches(space, tid, address, address + length)) {
      return PROCEED;
    }
    long end = address + length;
    return switch (advice) {
      case Advice.DONTNEED, Advice.DONTNEED_LOCKED -> {
        if (space.model().isAllSupervised(address, end, MAY_REFUSE)) {
          pager.drop(space.number(), address, end);
          yield PROCEED;
        }
        yield free(space, address, end, advice);
      }
      case Advice.FREE -> free(space, address, end, advice);
      case Advice.GUARD_INSTALL -> installGuards(space, address, end);
      case Advice.GUARD_REMOVE -> removeGuards(space, address, end);
      case Advice.WIPEONFORK -> mark(space, address, end, advice, Mapping.WIPE_ON_FORK, 0);
      case Advice.KEEPONFORK -> mark(space, address, end, advice, 0, Mapping.WIPE_ON_FORK);
      case Advice.DONTFORK -> mark(space, address, end, advice, Mapping.DONT_FORK, 0);
      case Advice.DOFORK -> mark(space, address, end, advice, 0, Mapping.DONT_FORK);
      case Advice.DONTDUMP -> mark(space, address, end, advice, Mapping.DONT_DUMP, 0);
      case Advice.DODUMP -> mark(space, address, end, advice, 0, Mapping.DONT_DUMP);
      case Advice.MERGEABLE -> merge(space, address, end);
      case Advice.COLLAPSE -> collapse(space, address, end);
      default -> PROCEED;
    };
  }

  /** As {@link #madvise}, but carried out when it returns. */
  long advise(SpaceCalls space, int tid, long address, long bytes, int advice) {
    long result = madvise(space, tid, address, bytes, advice);
    return result == PROCEED ? call(space, address, bytes, advice) : result;
  }

  private static long call(SpaceCalls space, long address, long bytes, int advice) {
    return space.call(MemoryCalls.SYS_MADVISE, address, bytes, advice, 0, 0);
  }

  private long free(SpaceCalls space, long start, long end, int advice) {
    return piecewise(
        space,
        start,
        end,
        (from, to, supervised) -> {
          if (!supervised) {
            return call(space, from, to - from, advice);
          }
          if (space.model().isAllSupervised(from, to, MAY_REFUSE)) {
            pager.drop(space.number(), from, to);
            // a page that is to be freed one day may read as zero at any time: so it does at once
            return call(space, from, to - from, Advice.DONTNEED);
          }
          return freeOrRefuse(space, from, to);
        });
  }

  private long freeOrRefuse(SpaceCalls space, long start, long end) {
    pager.hold(space.number(), start, end);
    try {
      long result = call(space, start, end - start, Advice.DONTNEED);
      if (result == 0) {
        pager.drop(space.number(), start, end);
      }
      return result;
    } finally {
      pager.release(space.number(), start, end);
    }
  }

  private long installGuards(SpaceCalls space, long start, long end) {
    if (space.model().isAllSupervised(start, end, MAY_REFUSE)) {
      pager.drop(space.number(), start, end); // the kernel frees what is there
    }
    // A page that the pager installs would take the place of a guard.
    int result = books.localize(space, start, end);
    if (result < 0) {
      return result;
    }
    space.model().flags(start, end, Mapping.GUARDED, 0);
    return PROCEED;
  }

  private long removeGuards(SpaceCalls space, long start, long end) {
    long result = call(space, start, end - start, Advice.GUARD_REMOVE);
    if (result == 0) {
      for (Mapping part : space.model().mappings(start, end)) {
        if (part.has(Mapping.GUARDED) && !part.has(Mapping.LOCKED | Mapping.PROGRAM_PAGED)) {
          books.superviseAgain(space, part, Mapping.GUARDED);
        }
      }
    }
    return result;
  }

  private long mark(SpaceCalls space, long start, long end, int advice, int set, int clear) {
    return piecewise(
        space,
        start,
        end,
        (from, to, supervised) -> {
          long result = call(space, from, to - from, advice);
          if (result == 0) {
            space.model().flags(from, to, set, clear);
          }
          return result;
        });
  }

  /**
   * The kernel only notes it; merged pages could not be moved, so here it does not even do that.
   */
  private long merge(SpaceCalls space, long start, long end) {
    return facts.mergesPages() ? call(space, start, end - start, Advice.NORMAL) : PROCEED;
  }

  /** Succeeds where a huge page could be, as it does natively; the pages stay small. */
  private static long collapse(SpaceCalls space, long start, long end) {
    long first = (start + HUGE_PAGE - 1) & -HUGE_PAGE;
    if (!space.model().isSupervised(start, end)) {
      return PROCEED;
    }
    return first + HUGE_PAGE <= end ? 0 : -Errno.EINVAL;
  }

  /** What is done to one piece of a range. */
  private interface Piece {
    long carryOut(long start, long end, boolean supervised);
  }

  /**
   * From below, piece by piece: what is supervised and alike, and what lies between.
   *
   * @return 0; -ENOMEM when there were holes, but all else is done; what a piece refused with.
   */
  private static long piecewise(SpaceCalls space, long start, long end, Piece piece) {
    List<Mapping> parts = space.model().mappings(start, end);
    long result = 0;
    long at = start;
    int i = 0;
    while (at < end) {
      while (i < parts.size() && parts.get(i).end() <= at) {
        i++;
      }
      Mapping part = i < parts.size() ? parts.get(i) : null;
      boolean inside = part != null && part.start() <= at;
      long to = inside ? part.end() : part == null ? end : part.start();
      long answer = piece.carryOut(at, to, inside && part.isSupervised());
      if (answer == -Errno.ENOMEM) {
        result = answer;
      } else if (answer < 0) {
        return answer;
      }
      at = to;
    }
    return result;
  }
}
