package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.pcomponent.space.AddressSpaceModel;
import io.splitkernel.pcomponent.space.Mapping;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** mprotect(2), mseal(2), shmat(2), and the requests of ioctl(2) and prctl(2) that matter here. */
final class OtherCalls {
  private static final long PROCEED = MemoryCalls.PROCEED;
  private static final int PROT_BITS = 7;
  private static final int PR_SET_MM = 35;
  private static final int PR_SET_THP_DISABLE = 41;
  private static final int PR_GET_THP_DISABLE = 42;
  private static final int PR_SET_MEMORY_MERGE = 67;
  private static final int PR_GET_MEMORY_MERGE = 68;
  private static final int UFFDIO_REGISTER = 0xc020aa00;

  private final SpaceBooks books;
  private final ProgramFacts facts;

  OtherCalls(SpaceBooks books, ProgramFacts facts) {
    this.books = books;
    this.facts = facts;
  }

  /** The kernel does it; only the model is told. */
  long mprotect(SpaceCalls space, long start, long bytes, long protection) {
    long length = SpaceBooks.pageUp(bytes);
    if (SpaceBooks.isRange(start, length) && (protection & ~PROT_BITS) == 0) {
      space.model().protect(start, start + length, (int) protection);
    }
    return PROCEED;
  }

  long mseal(SpaceCalls space, int tid, long[] a) {
    long length = SpaceBooks.pageUp(a[1]);
    if (!SpaceBooks.isRange(a[0], length) || !books.touches(space, tid, a[0], a[0] + length)) {
      return PROCEED;
    }
    long result = space.call(MemoryCalls.SYS_MSEAL, a[0], a[1], a[2], 0, 0);
    if (result == 0) {
      space.model().flags(a[0], a[0] + length, Mapping.SEALED, 0);
    }
    return result;
  }

  /** SHM_REMAP: the kernel maps over what is there, or refuses and leaves it. */
  long shmat(SpaceCalls space, int tid, int id, long address) {
    long start = address & -4096;
    long bytes = SpaceBooks.pageUp(facts.segmentBytes(id));
    long end = bytes > 0 ? start + bytes : endOfKnown(space, start);
    return start <= 0 || end <= start ? PROCEED : setAside(space, tid, start, end);
  }

  private static long endOfKnown(SpaceCalls space, long start) {
    long end = start;
    Mapping at = space.model().at(end);
    while (at != null) {
      end = at.end();
      at = space.model().at(end);
    }
    return end;
  }

  /**
   * Lets the kernel do what it will with a range: its contents are all in it, and nobody here
   * relies on what it is afterwards.
   */
  long setAside(SpaceCalls space, int tid, long start, long end) {
    long result = localize(space, tid, start, end);
    if (result == 0) {
      space.model().remove(start, end);
    }
    return result < 0 ? result : PROCEED;
  }

  /** A userfaultfd of the program's: what it registers or moves from is all there, and its own. */
  long ioctl(SpaceCalls space, int tid, long[] a) {
    boolean register = (int) a[1] == UFFDIO_REGISTER;
    byte[] bytes = new byte[register ? 16 : 24];
    if (space.read(tid, a[2], bytes) < 0) {
      return PROCEED;
    }
    ByteBuffer request = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (register) {
      return handOver(space, tid, request.getLong(0), request.getLong(8), Mapping.PROGRAM_PAGED);
    }
    long length = request.getLong(16);
    long result = handOver(space, tid, request.getLong(0), length, 0);
    return result == PROCEED ? handOver(space, tid, request.getLong(8), length, 0) : result;
  }

  /** Makes a range local; 0 or {@code -errno}. */
  long localize(SpaceCalls space, int tid, long start, long end) {
    books.lookForGrowth(space, tid, start, end);
    return books.localize(space, start, end);
  }

  private long handOver(SpaceCalls space, int tid, long start, long length, int flags) {
    if (!SpaceBooks.isRange(start, length)) {
      return PROCEED;
    }
    long result = localize(space, tid, start, start + length);
    if (result == 0) {
      space.model().flags(start, start + length, flags, 0);
    }
    return result < 0 ? result : PROCEED;
  }

  long prctl(SpaceCalls space, long[] a) {
    AddressSpaceModel model = space.model();
    boolean more = (a[2] | a[3] | a[4]) != 0;
    return switch ((int) a[0]) {
      case PR_SET_MM -> {
        model.heap(model.heapStart(), 0); // it may move the break
        yield PROCEED;
      }
      case PR_SET_THP_DISABLE -> {
        if (more) {
          yield -Errno.EINVAL;
        }
        model.thpDisabled(a[1] != 0);
        yield 0;
      }
      case PR_GET_THP_DISABLE -> more || a[1] != 0 ? -Errno.EINVAL : model.isThpDisabled() ? 1 : 0;
      case PR_SET_MEMORY_MERGE -> {
        if (more || !facts.mergesPages()) {
          yield -Errno.EINVAL;
        }
        model.mergeable(a[1] != 0);
        yield 0;
      }
      case PR_GET_MEMORY_MERGE -> {
        boolean wrong = more || a[1] != 0 || !facts.mergesPages();
        yield wrong ? -Errno.EINVAL : model.isMergeable() ? 1 : 0;
      }
      default -> PROCEED;
    };
  }
}
