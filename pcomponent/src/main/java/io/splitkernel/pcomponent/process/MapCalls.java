package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.pcomponent.fault.AddressSpaces;
import io.splitkernel.pcomponent.space.FileMapping;
import io.splitkernel.pcomponent.space.Mapping;
import io.splitkernel.pcomponent.space.MappingKind;

/** mmap(2) and munmap(2). */
final class MapCalls {
  private static final long PROCEED = MemoryCalls.PROCEED;
  private static final long MAP_TYPE = 0xf;
  private static final long MAP_SHARED = 1;
  private static final long MAP_PRIVATE = 2;
  private static final long MAP_SHARED_VALIDATE = 3;
  private static final long MAP_DROPPABLE = 8;
  private static final long MAP_FIXED = 0x10;
  private static final long MAP_ANONYMOUS = 0x20;
  private static final long MAP_GROWSDOWN = 0x100;
  private static final long MAP_LOCKED = 0x2000;
  private static final long MAP_NORESERVE = 0x4000;
  private static final long MAP_POPULATE = 0x8000;
  private static final long MAP_NONBLOCK = 0x10000;
  private static final long MAP_HUGETLB = 0x40000;
  private static final long MAP_FIXED_NOREPLACE = 0x100000;
  private static final int PROT_BITS = 7;

  private final AddressSpaces pager;
  private final SpaceBooks books;
  private final ProgramFacts facts;
  private final LockLimits locks;
  private final long memoryBytes;

  MapCalls(
      AddressSpaces pager, SpaceBooks books, ProgramFacts facts, LockLimits locks, long memory) {
    this.pager = pager;
    this.books = books;
    this.facts = facts;
    this.locks = locks;
    this.memoryBytes = memory;
  }

  /** The arguments of one mmap(2) in the words of what is done about them. */
  private record Request(
      int tid, long address, long bytes, long protection, long flags, int fd, long offset) {
    long length() {
      return SpaceBooks.pageUp(bytes);
    }

    boolean isAnonymous() {
      return (flags & MAP_ANONYMOUS) != 0;
    }

    /** Private anonymous memory, which is what is supervised. */
    boolean isOurs() {
      return isAnonymous() && (flags & MAP_TYPE) == MAP_PRIVATE && (flags & MAP_HUGETLB) == 0;
    }

    boolean isFixed() {
      return (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0;
    }

    boolean replaces() {
      return (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) == MAP_FIXED;
    }

    boolean isSound() {
      return length() > 0
          && (offset & 0xfff) == 0
          && (!isFixed() || SpaceBooks.isRange(address, length()));
    }

    /** Whether its pages are promised when it is made. */
    boolean isCharged() {
      return isOurs() && (protection & PROT_BITS) != 0 && (flags & MAP_NORESERVE) == 0;
    }

    Mapping mapping(long at, boolean locked) {
      boolean growsDown = (flags & MAP_GROWSDOWN) != 0;
      int local = locked ? Mapping.LOCKED | Mapping.LOCAL : 0;
      return new Mapping(
          at,
          at + length(),
          (int) protection & PROT_BITS,
          growsDown ? MappingKind.GROWS_DOWN : MappingKind.ANONYMOUS,
          local,
          null);
    }
  }

  long mmap(SpaceCalls space, int tid, long[] a) {
    Request request = new Request(tid, a[0], a[1], a[2], a[3], (int) a[4], a[5]);
    if (!request.isSound()) {
      return PROCEED;
    }
    long end = request.address() + request.length();
    boolean replaces = request.replaces() && books.touches(space, tid, request.address(), end);
    if (!request.isOurs() && !replaces) {
      return PROCEED;
    }
    if (request.isCharged() && !admits(request.length())) {
      return -Errno.ENOMEM;
    }
    boolean locked =
        request.isOurs() && ((request.flags() & MAP_LOCKED) != 0 || space.model().isFutureLocked());
    if (locked) {
      long refusal = mayLock(tid, request.length());
      if (refusal != 0) {
        return refusal;
      }
    }
    facts.lendLimits(tid, space.agentTid());
    if (replaces) {
      return replace(space, request, locked);
    }
    long at = mapAnonymous(space, request);
    if (at >= 0) {
      books.fresh(space, request.mapping(at, locked), false);
      if (locked) {
        LockCalls.populate(space, request.mapping(at, true));
      }
    }
    return at;
  }

  private long replace(SpaceCalls space, Request request, boolean locked) {
    long start = request.address();
    long end = start + request.length();
    pager.hold(space.number(), start, end);
    try {
      long at = request.isAnonymous() ? mapAnonymous(space, request) : mapFile(space, request);
      if (at != start) {
        books.reconcile(space, request.tid(), start, end);
        return at;
      }
      if (request.isOurs()) {
        // another thread may have touched it already
        books.fresh(space, request.mapping(start, locked), true);
      } else {
        books.gone(space, start, end);
        noteForeign(space, request);
      }
      return at;
    } finally {
      pager.release(space.number(), start, end);
    }
  }

  /** What is worth knowing of a mapping that took the place of supervised memory. */
  private void noteForeign(SpaceCalls space, Request request) {
    long type = request.flags() & MAP_TYPE;
    long end = request.address() + request.length();
    int protection = (int) request.protection() & PROT_BITS;
    if (type == MAP_DROPPABLE) {
      int flags = Mapping.LOCAL | Mapping.DROPPABLE;
      space
          .model()
          .put(new Mapping(request.address(), end, protection, MappingKind.ANONYMOUS, flags, null));
    } else if (!request.isAnonymous()) {
      boolean shared = type == MAP_SHARED || type == MAP_SHARED_VALIDATE;
      String path = facts.path(request.tid(), request.fd());
      space
          .model()
          .put(
              new Mapping(
                  request.address(),
                  end,
                  protection,
                  MappingKind.FILE,
                  Mapping.LOCAL,
                  new FileMapping(path, request.offset(), shared)));
    }
  }

  private long mapAnonymous(SpaceCalls space, Request request) {
    // What would be faulted in comes when it is touched; what is locked stays here anyway.
    long flags = request.flags() & ~(MAP_POPULATE | MAP_NONBLOCK);
    long at = map(space, request, flags);
    if (at == -Errno.ENOMEM && request.isCharged()) {
      // The kernel counts what this machine has, but there is more: it was admitted above.
      at = map(space, request, flags | MAP_NORESERVE);
    }
    return at;
  }

  private static long map(SpaceCalls space, Request request, long flags) {
    return space.call(
        MemoryCalls.SYS_MMAP, request.address(), request.bytes(), request.protection(), flags, -1);
  }

  private long mapFile(SpaceCalls space, Request request) {
    return space.mapFile(
        request.tid(),
        request.fd(),
        request.address(),
        request.bytes(),
        request.protection(),
        request.flags() & ~(MAP_POPULATE | MAP_NONBLOCK),
        request.offset());
  }

  long munmap(SpaceCalls space, int tid, long address, long bytes) {
    long length = SpaceBooks.pageUp(bytes);
    if (!SpaceBooks.isRange(address, length)
        || !books.touches(space, tid, address, address + length)) {
      return PROCEED;
    }
    long result = space.call(MemoryCalls.SYS_MUNMAP, address, bytes, 0, 0, 0);
    if (result == 0) {
      books.gone(space, address, address + length);
    } else {
      books.reconcile(space, tid, address, address + length);
    }
    return result;
  }

  /** What mmap(2) answers when a locked mapping is too much: 0, -EPERM or -EAGAIN. */
  private long mayLock(int tid, long bytes) {
    long kernel = locks.kernelSays(tid, bytes);
    if (kernel == -Errno.EPERM) {
      return kernel;
    }
    return kernel != 0 || !locks.fits(bytes) ? -Errno.EAGAIN : 0;
  }

  /** Like the kernel's heuristic: refuses what could never be had, not what may not be used. */
  boolean admits(long bytes) {
    return bytes <= memoryBytes - pager.bytesInUse();
  }
}
