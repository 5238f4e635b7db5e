package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.Layout;

/**
 * The part of every supervised address space that is Lego's own: the agent's code, its window, the
 * beacon. The program does not know of it, but may name it all the same, by a call for everything
 * between two addresses. Such a call is carried out for what lies before and behind; natively there
 * would be nothing in between.
 */
final class OwnRange {
  private static final long START = Layout.of("LEGO_OWN_ADDRESS");
  private static final long END = START + Layout.of("LEGO_OWN_BYTES");
  private static final long MAP_FIXED = 0x10;
  private static final long MAP_FIXED_NOREPLACE = 0x100000;
  private static final long MREMAP_FIXED = 2;

  private OwnRange() {}

  /** Carries out one part of a call: its range is given, its other arguments are as they were. */
  @FunctionalInterface
  interface Part {
    /** Like {@link MemoryCalls#carryOut}. */
    long carryOut(long[] arguments);
  }

  private static boolean isCrossed(long start, long bytes) {
    long length = SpaceBooks.pageUp(bytes);
    return SpaceBooks.isRange(start, length) && start < END && start + length > START;
  }

  /** Whether a call names something of it. */
  static boolean isNamed(SeenCalls call, long[] a) {
    return switch (call) {
      case MMAP -> (a[3] & (MAP_FIXED | MAP_FIXED_NOREPLACE)) == MAP_FIXED && isCrossed(a[0], a[1]);
      case MREMAP ->
          isCrossed(a[0], Math.max(1, a[1]))
              || ((a[3] & MREMAP_FIXED) != 0 && isCrossed(a[4], a[2]));
      case MUNMAP, MPROTECT, PKEY_MPROTECT, MADVISE, MLOCK, MLOCK2, MUNLOCK, MSEAL ->
          isCrossed(a[0], a[1]);
      default -> false;
    };
  }

  /**
   * Carries out a call that names something of it.
   *
   * @param number of the call.
   * @param parts carries out parts of it.
   * @return a value or {@code -errno}.
   */
  static long around(SpaceCalls space, SeenCalls call, int number, long[] a, Part parts) {
    return switch (call) {
      case MUNMAP -> {
        long result = part(space, number, a, a[0], START, parts);
        yield result == 0 ? part(space, number, a, END, end(a), parts) : result;
      }
      case MADVISE -> {
        long result = part(space, number, a, a[0], START, parts);
        if (result == 0 || result == -Errno.ENOMEM) { // it goes on behind holes
          result = part(space, number, a, END, end(a), parts);
        }
        yield result == 0 ? -Errno.ENOMEM : result;
      }
      case MPROTECT, PKEY_MPROTECT, MLOCK, MLOCK2, MUNLOCK -> { // they end at the first hole
        long result = part(space, number, a, a[0], START, parts);
        yield result == 0 ? -Errno.ENOMEM : result;
      }
      case MREMAP -> isCrossed(a[0], Math.max(1, a[1])) ? -Errno.EFAULT : -Errno.ENOMEM;
      default -> -Errno.ENOMEM;
    };
  }

  private static long end(long[] a) {
    return a[0] + SpaceBooks.pageUp(a[1]);
  }

  private static long part(
      SpaceCalls space, int number, long[] a, long start, long end, Part parts) {
    if (start >= end) {
      return 0;
    }
    long[] some = a.clone();
    some[0] = start;
    some[1] = end - start;
    long result = parts.carryOut(some);
    return result == MemoryCalls.PROCEED
        ? space.call(number, some[0], some[1], some[2], some[3], some[4])
        : result;
  }
}
