package io.splitkernel.pcomponent.process;

import io.splitkernel.pcomponent.fault.AddressSpaces;
import java.util.function.LongSupplier;

/**
 * Carries out the memory-management calls of a program so that its result, its error and its
 * effects are the native ones, and the pager and the model always know what is supervised. The
 * calls of one address space are carried out one after the other; those of different ones may come
 * from different threads. None answers EINTR, and one that the kernel refuses changes nothing.
 */
final class MemoryCalls {
  /** Result that says: let the kernel carry the call out. */
  static final long PROCEED = Long.MIN_VALUE;

  static final long SYS_MMAP = 9;
  static final long SYS_MUNMAP = 11;
  static final long SYS_BRK = 12;
  static final long SYS_MREMAP = 25;
  static final long SYS_MADVISE = 28;
  static final long SYS_MSEAL = 462;

  private final MapCalls maps;
  private final HeapCalls heaps;
  private final RemapCalls remaps;
  private final AdviceCalls advices;
  private final OwnAdviceCalls ownAdvices;
  private final LockCalls locks;
  private final OtherCalls others;
  private final ForeignCalls foreign;

  /**
   * @param pager of the address spaces.
   * @param facts about the program's threads.
   * @param memoryBytes what all pages of the program may take together.
   * @param lockedBytesMax what of it may be locked, which is a share of the cache.
   * @param lockedBytes what all address spaces have locked now.
   */
  MemoryCalls(
      AddressSpaces pager,
      ProgramFacts facts,
      long memoryBytes,
      long lockedBytesMax,
      LongSupplier lockedBytes) {
    SpaceBooks books = new SpaceBooks(pager, facts);
    LockLimits limits = new LockLimits(facts, lockedBytesMax, lockedBytes);
    this.maps = new MapCalls(pager, books, facts, limits, memoryBytes);
    this.heaps = new HeapCalls(books, facts, limits, maps);
    this.remaps = new RemapCalls(pager, books, facts, maps);
    this.advices = new AdviceCalls(pager, books, facts);
    this.ownAdvices = new OwnAdviceCalls(advices, facts);
    this.locks = new LockCalls(books, facts, limits);
    this.others = new OtherCalls(books, facts);
    this.foreign = new ForeignCalls(books, others);
  }

  /**
   * Carries out an intercepted call.
   *
   * @param tid thread of the program's that has made it.
   * @param architecture as seccomp(2) tells it.
   * @param number of the call, with the bit that x32 calls have.
   * @param a its six arguments.
   * @return a value, {@code -errno}, or {@link #PROCEED}.
   */
  long carryOut(SpaceCalls space, int tid, int architecture, int number, long[] a) {
    SeenCalls call = SeenCalls.of(architecture, number);
    if (call == null) {
      return PROCEED;
    }
    boolean plain = architecture == SeenCalls.ARCH_X86_64 && (number & SeenCalls.X32_BIT) == 0;
    synchronized (space) {
      return plain ? carryOut(space, tid, call, a) : foreign.carryOut(space, tid, call, a);
    }
  }

  private long carryOut(SpaceCalls space, int tid, SeenCalls call, long[] a) {
    return switch (call) {
      case MMAP -> maps.mmap(space, tid, a);
      case MUNMAP -> maps.munmap(space, tid, a[0], a[1]);
      case BRK -> heaps.brk(space, tid, a[0]);
      case MREMAP -> remaps.mremap(space, tid, a);
      case MADVISE -> advices.madvise(space, tid, a[0], a[1], (int) a[2]);
      case PROCESS_MADVISE -> ownAdvices.processMadvise(space, tid, a);
      case MLOCK -> locks.lock(space, tid, a[0], a[1], 0);
      case MLOCK2 -> locks.lock(space, tid, a[0], a[1], a[2]);
      case MUNLOCK -> locks.unlock(space, a[0], a[1]);
      case MLOCKALL -> locks.lockAll(space, tid, a[0]);
      case MUNLOCKALL -> locks.unlockAll(space);
      case MPROTECT, PKEY_MPROTECT -> others.mprotect(space, a[0], a[1], a[2]);
      case MSEAL -> others.mseal(space, tid, a);
      case SHMAT -> others.shmat(space, tid, (int) a[0], a[1]);
      case IOCTL -> others.ioctl(space, tid, a);
      case PRCTL -> others.prctl(space, a);
      case OLD_MMAP, IPC -> PROCEED; // i386 only
      case CLONE, EXIT, SET_TID_ADDRESS, SET_ROBUST_LIST -> PROCEED; // see LastWords
      case PREAD64, PWRITE64 -> PROCEED; // see MemoryFiles
      case RT_SIGACTION, PTRACE -> PROCEED; // see GuardCalls
      case UNSHARE, SETNS, SECCOMP -> PROCEED; // see ThreadCalls
    };
  }

  /**
   * Gives a range into the kernel's and the program's hands: everything of it is there afterwards,
   * and it is no longer supervised.
   *
   * @return 0, or {@code -errno}.
   */
  long localize(SpaceCalls space, int tid, long start, long end) {
    synchronized (space) {
      return others.localize(space, tid, start, end);
    }
  }
}
