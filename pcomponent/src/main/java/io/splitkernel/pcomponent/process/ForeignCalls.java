package io.splitkernel.pcomponent.process;

import io.splitkernel.pcomponent.space.AddressSpaceModel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory calls that a 64-bit program makes the 32-bit way (x32, or int 0x80). They are rare, and
 * where the kernel may put what they map differs; so it carries them out itself, and what they
 * concern is given into its hands before: all of it there, and no longer supervised.
 */
final class ForeignCalls {
  private static final long PROCEED = MemoryCalls.PROCEED;
  private static final long MAP_FIXED = 0x10;
  private static final long MREMAP_FIXED = 2;
  private static final long SHM_REMAP = 0x4000;
  private static final int VECTORS_MAX = 1024;

  private final SpaceBooks books;
  private final OtherCalls others;

  ForeignCalls(SpaceBooks books, OtherCalls others) {
    this.books = books;
    this.others = others;
  }

  long carryOut(SpaceCalls space, int tid, SeenCalls call, long[] a) {
    return switch (call) {
      case MMAP -> (a[3] & MAP_FIXED) != 0 ? setAside(space, tid, a[0], a[1]) : PROCEED;
      case OLD_MMAP -> oldMmap(space, tid, a[0]);
      case MUNMAP -> setAside(space, tid, a[0], a[1]);
      case BRK -> brk(space, tid, a[0]);
      case MREMAP -> mremap(space, tid, a);
      case MADVISE, MLOCK, MLOCK2 -> localize(space, tid, a[0] & -4096, a[1] + (a[0] & 4095));
      case PROCESS_MADVISE -> processMadvise(space, tid, a);
      case MLOCKALL -> localize(space, tid, 0, Long.MAX_VALUE - 4095);
      case MPROTECT, PKEY_MPROTECT -> others.mprotect(space, a[0], a[1], a[2]);
      case SHMAT -> others.shmat(space, tid, (int) a[0], a[1]);
      case IPC -> (a[2] & SHM_REMAP) != 0 ? others.shmat(space, tid, (int) a[1], a[4]) : PROCEED;
      case IOCTL -> others.ioctl(space, tid, a);
      case PRCTL -> others.prctl(space, a);
      case RT_SIGACTION, PTRACE, UNSHARE, SETNS, SECCOMP -> PROCEED;
      case MSEAL, MUNLOCK, MUNLOCKALL -> PROCEED;
      case CLONE, EXIT, SET_TID_ADDRESS, SET_ROBUST_LIST, PREAD64, PWRITE64 -> PROCEED;
    };
  }

  private long oldMmap(SpaceCalls space, int tid, long address) {
    byte[] bytes = new byte[16];
    if (space.read(tid, address, bytes) < 0) {
      return PROCEED;
    }
    ByteBuffer words = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    boolean fixed = (words.getInt(12) & MAP_FIXED) != 0;
    long start = Integer.toUnsignedLong(words.getInt(0));
    return fixed ? setAside(space, tid, start, Integer.toUnsignedLong(words.getInt(4))) : PROCEED;
  }

  private long mremap(SpaceCalls space, int tid, long[] a) {
    long result = setAside(space, tid, a[0], a[1]);
    return result == PROCEED && (a[3] & MREMAP_FIXED) != 0
        ? setAside(space, tid, a[4], a[2])
        : result;
  }

  private long brk(SpaceCalls space, int tid, long wanted) {
    AddressSpaceModel model = space.model();
    long end = model.heapEnd();
    model.heap(model.heapStart(), 0); // asked for again at the next 64-bit call
    long start = SpaceBooks.pageUp(wanted);
    return wanted > 0 && wanted < end ? setAside(space, tid, start, end - start) : PROCEED;
  }

  private long processMadvise(SpaceCalls space, int tid, long[] a) {
    int count = (int) Math.min(Integer.toUnsignedLong((int) a[2]), VECTORS_MAX);
    byte[] bytes = new byte[8 * count];
    if (space.read(tid, a[1], bytes) < 0) {
      return PROCEED;
    }
    ByteBuffer vectors = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      long start = Integer.toUnsignedLong(vectors.getInt(8 * i));
      long length = Integer.toUnsignedLong(vectors.getInt(8 * i + 4));
      long result = localize(space, tid, start, length);
      if (result != PROCEED) {
        return result;
      }
    }
    return PROCEED;
  }

  private long setAside(SpaceCalls space, int tid, long start, long bytes) {
    long length = SpaceBooks.pageUp(bytes);
    return SpaceBooks.isRange(start, length)
        ? others.setAside(space, tid, start, start + length)
        : PROCEED;
  }

  private long localize(SpaceCalls space, int tid, long start, long bytes) {
    long length = SpaceBooks.pageUp(bytes);
    if (!SpaceBooks.isRange(start, length)) {
      return PROCEED;
    }
    books.lookForGrowth(space, tid, start, start + length);
    int result = books.localize(space, start, start + length);
    return result < 0 ? result : PROCEED;
  }
}
