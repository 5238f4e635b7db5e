package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.pcomponent.fault.AddressSpaces;
import io.splitkernel.pcomponent.space.Mapping;
import java.util.List;

/**
 * mremap(2). What moves keeps no registration, and where it comes to lie beside a mapping that is
 * registered and like it, the kernel merges the two and takes the registration of both. So before a
 * move the range is made unlike any neighbour, and afterwards made as it was.
 */
final class RemapCalls {
  /** What a program can have of addresses; more is refused by the kernel for other reasons. */
  private static final long ADDRESSES = 0x7ffffffff000L;

  private static final long PROCEED = MemoryCalls.PROCEED;
  private static final long SYS_MADVISE = MemoryCalls.SYS_MADVISE;
  private static final long MREMAP_MAYMOVE = 1;
  private static final long MREMAP_FIXED = 2;
  private static final long MREMAP_DONTUNMAP = 4;
  private static final long MADV_DONTDUMP = 16;
  private static final long MADV_DODUMP = 17;

  private final AddressSpaces pager;
  private final SpaceBooks books;
  private final ProgramFacts facts;
  private final MapCalls maps;

  RemapCalls(AddressSpaces pager, SpaceBooks books, ProgramFacts facts, MapCalls maps) {
    this.pager = pager;
    this.books = books;
    this.facts = facts;
    this.maps = maps;
  }

  /** A sound call; lengths are whole pages. */
  private record Request(int tid, long from, long oldLength, long newLength, long flags, long to) {
    boolean isPlaced() {
      return (flags & (MREMAP_FIXED | MREMAP_MAYMOVE)) == (MREMAP_FIXED | MREMAP_MAYMOVE);
    }

    boolean keepsSource() {
      return (flags & MREMAP_DONTUNMAP) != 0;
    }

    boolean overlaps() {
      return from < to + newLength && to < from + oldLength;
    }

    Request part(ProcMaps.Range area) {
      long bytes = area.end() - area.start();
      return new Request(tid, area.start(), bytes, bytes, flags, to + (area.start() - from));
    }
  }

  long mremap(SpaceCalls space, int tid, long[] a) {
    long oldLength = SpaceBooks.pageUp(a[1]);
    long newLength = SpaceBooks.pageUp(a[2]);
    Request request = new Request(tid, a[0], oldLength, newLength, a[3], a[4]);
    boolean fromIsRange = SpaceBooks.isRange(a[0], Math.max(oldLength, 4096));
    if (!fromIsRange
        || oldLength < 0
        || newLength <= 0
        || (request.isPlaced() && !SpaceBooks.isRange(a[4], newLength))) {
      return PROCEED;
    }
    boolean ours = oldLength > 0 && books.touches(space, tid, a[0], a[0] + oldLength);
    boolean over = request.isPlaced() && books.touches(space, tid, a[4], a[4] + newLength);
    if (!ours && !over) {
      return PROCEED;
    }
    boolean fits = newLength <= ADDRESSES && (!request.isPlaced() || a[4] <= ADDRESSES - newLength);
    if (fits && ours && newLength > oldLength && !maps.admits(newLength - oldLength)) {
      return -Errno.ENOMEM;
    }
    facts.lendLimits(tid, space.agentTid());
    if (!request.isPlaced()
        || oldLength != newLength
        || request.overlaps()
        || !facts.movesSeveralAreas()) {
      return carryOut(space, request);
    }
    List<ProcMaps.Range> areas = facts.areas(tid, a[0], a[0] + oldLength);
    return isSeveral(request, areas)
        ? moveSeveral(space, request, areas)
        : carryOut(space, request);
  }

  /** Whether a range begins with an area and is more than a part of it: others, or a hole. */
  private static boolean isSeveral(Request request, List<ProcMaps.Range> areas) {
    return !areas.isEmpty()
        && areas.getFirst().start() == request.from()
        && areas.getFirst().end() < request.from() + request.oldLength();
  }

  /**
   * The kernel would do so itself, but not with what is registered. Where the range has a hole it
   * leaves what lies at the target alone.
   */
  private long moveSeveral(SpaceCalls space, Request request, List<ProcMaps.Range> areas) {
    for (ProcMaps.Range area : areas) {
      long at = carryOut(space, request.part(area));
      if (at < 0) {
        return at;
      }
    }
    return request.to();
  }

  private long carryOut(SpaceCalls space, Request request) {
    long from = request.from();
    long end = from + request.oldLength();
    if (isMixed(space, from, end)) {
      // What was one area of the kernel's has become several where a part of it is local.
      int result = books.localize(space, from, end);
      if (result < 0) {
        return result;
      }
    }
    holdBoth(space, request, true);
    try {
      return move(space, request);
    } finally {
      holdBoth(space, request, false);
    }
  }

  private static boolean isMixed(SpaceCalls space, long from, long end) {
    List<Mapping> parts = space.model().mappings(from, end);
    return parts.stream().anyMatch(Mapping::isSupervised)
        && parts.stream().anyMatch(m -> m.has(Mapping.LOCAL) && !m.has(Mapping.LOCKED))
        && parts.stream().noneMatch(m -> m.has(Mapping.PROGRAM_PAGED));
  }

  private void holdBoth(SpaceCalls space, Request request, boolean hold) {
    hold(space, request.from(), request.from() + request.oldLength(), hold);
    if (request.isPlaced()) {
      hold(space, request.to(), request.to() + request.newLength(), hold);
    }
  }

  private void hold(SpaceCalls space, long start, long end, boolean hold) {
    if (start >= end) {
      return;
    }
    if (hold) {
      pager.hold(space.number(), start, end);
    } else {
      pager.release(space.number(), start, end);
    }
  }

  private long move(SpaceCalls space, Request request) {
    long from = request.from();
    long oldEnd = from + request.oldLength();
    boolean mayMove = (request.flags() & MREMAP_MAYMOVE) != 0;
    List<Mapping> parts = mayMove ? space.model().mappings(from, oldEnd) : List.of();
    for (Mapping part : parts) {
      advise(space, part.start(), part.bytes(), !part.has(Mapping.DONT_DUMP));
    }
    long at =
        space.call(
            MemoryCalls.SYS_MREMAP,
            from,
            request.oldLength(),
            request.newLength(),
            request.flags(),
            request.to());
    if (at < 0) {
      restoreDump(space, parts, request, from, request.oldLength());
      refused(space, request);
      return at;
    }
    if (at == from) {
      restoreDump(space, parts, request, from, request.newLength());
      stayed(space, request);
    } else {
      long heldTo = request.isPlaced() ? at : at + request.newLength(); // else it is held already
      hold(space, at, heldTo, true);
      try {
        moved(space, request, at, parts);
      } finally {
        hold(space, at, heldTo, false);
      }
    }
    return at;
  }

  private void refused(SpaceCalls space, Request request) {
    if (request.oldLength() > request.newLength()) {
      long end = request.from() + request.oldLength();
      books.reconcile(space, request.tid(), request.from() + request.newLength(), end);
    }
    if (request.isPlaced()) {
      books.reconcile(space, request.tid(), request.to(), request.to() + request.newLength());
    }
  }

  private void stayed(SpaceCalls space, Request request) {
    long oldEnd = request.from() + request.oldLength();
    long newEnd = request.from() + request.newLength();
    if (newEnd < oldEnd) {
      books.gone(space, newEnd, oldEnd);
    } else if (newEnd > oldEnd && request.oldLength() > 0) {
      Mapping last = space.model().at(oldEnd - 1);
      if (last != null) {
        books.fresh(space, last.at(oldEnd, newEnd), false);
      }
    }
  }

  private void moved(SpaceCalls space, Request request, long at, List<Mapping> parts) {
    long from = request.from();
    long oldLength = request.oldLength();
    long newLength = request.newLength();
    long length = Math.min(oldLength, newLength);
    pager.drop(space.number(), at, at + newLength);
    space.model().move(from, oldLength, at, newLength, request.keepsSource());
    for (Mapping part : space.model().mappings(at, at + newLength)) {
      if (part.isSupervised()) {
        books.register(space, part, false);
      }
    }
    if (!parts.isEmpty()) {
      pager.move(space.number(), from, at, length);
    }
    if (newLength < oldLength) {
      pager.drop(space.number(), from + newLength, from + oldLength);
    }
    restoreDump(space, parts, request, at, newLength);
    if (request.keepsSource()) {
      space.model().flags(from, from + oldLength, 0, Mapping.LOCKED); // so does the kernel
      restoreDump(space, parts, request, from, oldLength);
    }
  }

  /** Gives the parts of a range what they had, wherever it lies now; it may have been resized. */
  private static void restoreDump(
      SpaceCalls space, List<Mapping> parts, Request request, long at, long length) {
    for (Mapping part : parts) {
      long start = part.start() - request.from();
      boolean last = part.end() == request.from() + request.oldLength();
      long end = last ? length : Math.min(length, part.end() - request.from());
      if (start < end) {
        advise(space, at + start, end - start, part.has(Mapping.DONT_DUMP));
      }
    }
  }

  private static void advise(SpaceCalls space, long start, long bytes, boolean dontDump) {
    space.call(SYS_MADVISE, start, bytes, dontDump ? MADV_DONTDUMP : MADV_DODUMP, 0, 0);
  }
}
