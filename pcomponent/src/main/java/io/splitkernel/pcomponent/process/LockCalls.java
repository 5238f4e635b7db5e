package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.pcomponent.space.AddressSpaceModel;
import io.splitkernel.pcomponent.space.Mapping;
import java.util.List;

/**
 * mlock(2), mlock2(2), munlock(2), mlockall(2), munlockall(2): what is locked becomes local before
 * the kernel locks it, and is supervised again when it is unlocked.
 */
final class LockCalls {
  private static final long PROCEED = MemoryCalls.PROCEED;
  private static final long SYS_MUNLOCK = 150;
  private static final long SYS_MLOCKALL = 151;
  private static final long SYS_MUNLOCKALL = 152;
  private static final long MLOCK_ONFAULT = 1;
  private static final long MCL_CURRENT = 1;
  private static final long MCL_ONFAULT = 4;
  private static final long MCL_FUTURE = 2;
  private static final long MCL_ALL = 7;
  private static final int LOCKED = Mapping.LOCKED | Mapping.LOCAL;

  private final SpaceBooks books;
  private final ProgramFacts facts;
  private final LockLimits limits;

  LockCalls(SpaceBooks books, ProgramFacts facts, LockLimits limits) {
    this.books = books;
    this.facts = facts;
    this.limits = limits;
  }

  long lock(SpaceCalls space, int tid, long address, long bytes, long flags) {
    long start = address & -4096;
    long length = SpaceBooks.pageUp(bytes + (address & 4095));
    if (bytes <= 0
        || (flags & ~MLOCK_ONFAULT) != 0
        || !SpaceBooks.isRange(start, length)
        || !books.touches(space, tid, start, start + length)) {
      return PROCEED;
    }
    long end = start + length;
    long more = length;
    long ours = 0;
    for (Mapping part : space.model().mappings(start, end)) {
      more -= part.has(Mapping.LOCKED) ? part.bytes() : 0;
      ours += part.has(Mapping.LOCKED) ? 0 : part.bytes();
    }
    if (limits.kernelSays(tid, more) != 0) {
      return PROCEED; // and be refused
    }
    if (!limits.fits(ours)) {
      return -Errno.ENOMEM;
    }
    int result = books.localize(space, start, end);
    if (result < 0) {
      return result;
    }
    space.model().flags(start, end, LOCKED, 0);
    return PROCEED;
  }

  long unlock(SpaceCalls space, long address, long bytes) {
    long start = address & -4096;
    long length = SpaceBooks.pageUp(bytes + (address & 4095));
    if (bytes <= 0
        || !SpaceBooks.isRange(start, length)
        || !space.model().intersects(start, start + length)) {
      return PROCEED;
    }
    long result = space.call(SYS_MUNLOCK, address, bytes, 0, 0, 0);
    if (result == 0) {
      superviseAgain(space, space.model().mappings(start, start + length));
    }
    return result;
  }

  long lockAll(SpaceCalls space, int tid, long flags) {
    AddressSpaceModel model = space.model();
    boolean current = (flags & MCL_CURRENT) != 0;
    if ((flags & ~MCL_ALL) != 0 || (flags & (MCL_CURRENT | MCL_FUTURE)) == 0) {
      return PROCEED;
    }
    long limit = facts.lockLimitBytes(tid);
    if (limit == 0 || (current && facts.sizeBytes(tid) > limit)) {
      return PROCEED; // and be refused
    }
    if (current) {
      books.lookForGrowth(space, tid);
      if (!limits.fits(lockable(model))) {
        return -Errno.ENOMEM;
      }
      int result = books.localize(space, 0, Long.MAX_VALUE);
      if (result < 0) {
        return result;
      }
    }
    facts.lendLimits(tid, space.agentTid());
    // nothing is to be populated by the agent, whose own areas are among them
    long result = space.call(SYS_MLOCKALL, flags | MCL_ONFAULT, 0, 0, 0, 0);
    if (result == 0) {
      model.futureLocked((flags & MCL_FUTURE) != 0);
      if (current) {
        model.flags(0, Long.MAX_VALUE, LOCKED, 0);
        space.unlockOwn();
      }
    } else if (current) {
      superviseAgain(space, unlockedOf(model));
    }
    return result;
  }

  /** Bytes that locking everything would lock, of what can be touched at all. */
  private static long lockable(AddressSpaceModel model) {
    return model.mappings(0, Long.MAX_VALUE).stream()
        .filter(m -> !m.has(Mapping.LOCKED) && m.protection() != 0)
        .mapToLong(Mapping::bytes)
        .sum();
  }

  private static List<Mapping> unlockedOf(AddressSpaceModel model) {
    return model.mappings(0, Long.MAX_VALUE).stream()
        .filter(m -> m.has(Mapping.LOCAL) && !m.has(Mapping.LOCKED))
        .toList();
  }

  long unlockAll(SpaceCalls space) {
    long result = space.call(SYS_MUNLOCKALL, 0, 0, 0, 0, 0);
    if (result == 0) {
      space.model().futureLocked(false);
      superviseAgain(space, space.model().mappings(0, Long.MAX_VALUE));
    }
    return result;
  }

  private void superviseAgain(SpaceCalls space, List<Mapping> parts) {
    int local = Mapping.GUARDED | Mapping.DROPPABLE | Mapping.PROGRAM_PAGED;
    for (Mapping part : parts) {
      if (part.has(Mapping.LOCAL) && !part.has(local) && part.file() == null) {
        books.superviseAgain(space, part, Mapping.LOCKED);
      } else if (part.has(Mapping.LOCKED)) {
        space.model().flags(part.start(), part.end(), 0, Mapping.LOCKED);
      }
    }
  }
}
