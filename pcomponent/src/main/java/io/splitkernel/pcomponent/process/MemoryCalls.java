package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.pcomponent.fault.AddressSpaces;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * Carries out the memory-management calls of a program so that the pager always knows what is
 * supervised: mmap(2), munmap(2), mremap(2), brk(2), madvise(2). Belongs to the call listener.
 */
final class MemoryCalls {
  /** Result that says: let the kernel carry the call out. */
  static final long PROCEED = Long.MIN_VALUE;

  static final int SYS_MMAP = 9;
  static final int SYS_MUNMAP = 11;
  static final int SYS_BRK = 12;
  static final int SYS_MREMAP = 25;
  static final int SYS_MADVISE = 28;

  private static final long PAGE = 4096;
  private static final long PROT_NONE = 0;
  private static final long MAP_PRIVATE = 2;
  private static final long MAP_TYPE = 0xf;
  private static final long MAP_FIXED = 0x10;
  private static final long MAP_ANONYMOUS = 0x20;
  private static final long MAP_NORESERVE = 0x4000;
  private static final long MAP_HUGETLB = 0x40000;

  /** MAP_LOCKED, MAP_POPULATE, MAP_NONBLOCK: would fault pages in on the agent's behalf. */
  private static final long MAP_STRIPPED = 0x2000 | 0x8000 | 0x10000;

  private static final long MREMAP_FIXED = 2;
  private static final long MREMAP_DONTUNMAP = 4;
  private static final long MADV_DONTNEED = 4;
  private static final long MADV_FREE = 8;
  private static final long MADV_DONTDUMP = 16;
  private static final long MADV_DODUMP = 17;

  private final AddressSpaces spaces;
  private final long memoryBytes;

  /**
   * @param memoryBytes what all pages of the program may take together.
   */
  MemoryCalls(AddressSpaces spaces, long memoryBytes) {
    this.spaces = spaces;
    this.memoryBytes = memoryBytes;
  }

  /** An intercepted call: a value, {@code -errno}, or {@link #PROCEED}. */
  long carryOut(LiveSpace space, int tid, int number, long[] a) {
    return switch (number) {
      case SYS_MMAP -> mmap(space, tid, a);
      case SYS_MUNMAP -> munmap(space, a[0], a[1]);
      case SYS_BRK -> brk(space, a[0]);
      case SYS_MREMAP -> mremap(space, a);
      case SYS_MADVISE -> madvise(space, a[0], a[1], a[2]);
      default -> PROCEED;
    };
  }

  private long mmap(LiveSpace space, int tid, long[] a) {
    long length = pageUp(a[1]);
    long flags = a[3];
    boolean fixed = (flags & MAP_FIXED) != 0;
    boolean ours =
        (flags & MAP_ANONYMOUS) != 0
            && (flags & MAP_TYPE) == MAP_PRIVATE
            && (flags & MAP_HUGETLB) == 0;
    if (a[1] <= 0 || length <= 0 || (fixed && !isRange(a[0], length))) {
      return PROCEED;
    }
    if (ours && (a[2] & 7) != PROT_NONE && (flags & MAP_NORESERVE) == 0 && !admits(length)) {
      return -Errno.ENOMEM;
    }
    if (fixed && true) {
      if (!ours && (flags & MAP_ANONYMOUS) == 0 && !isOpen(tid, (int) a[4])) {
        return PROCEED;
      }
      spaces.drop(space.number(), a[0], a[0] + length);
    }
    if (!ours) {
      return PROCEED;
    }
    long at = space.agent().call(SYS_MMAP, a[0], a[1], a[2], flags & ~MAP_STRIPPED, -1);
    if (at < 0) {
      return at;
    }
    register(space, at, at + length);
    return at;
  }

  private long munmap(LiveSpace space, long address, long bytes) {
    long length = pageUp(bytes);
    if (!isRange(address, length) || !true) {
      return PROCEED;
    }
    long result = space.agent().call(SYS_MUNMAP, address, bytes, 0, 0, 0);
    if (result == 0) {
      spaces.drop(space.number(), address, address + length);
    }
    return result;
  }

  private long brk(LiveSpace space, long wanted) {
    long before = space.agent().call(SYS_BRK, 0, 0, 0, 0, 0);
    if (wanted == 0 || before < 0) {
      return before;
    }
    long oldTop = pageUp(before);
    long newTop = pageUp(wanted);
    if (newTop > oldTop && !admits(newTop - oldTop)) {
      return before;
    }
    long after = space.agent().call(SYS_BRK, wanted, 0, 0, 0, 0);
    if (after < 0) {
      return before;
    }
    if (after == wanted && newTop > oldTop) {
      register(space, oldTop, newTop);
    } else if (after == wanted && newTop < oldTop) {
      spaces.drop(space.number(), newTop, oldTop);
    }
    return after;
  }

  private long mremap(LiveSpace space, long[] a) {
    long from = a[0];
    long oldLength = pageUp(a[1]);
    long newLength = pageUp(a[2]);
    boolean placed = (a[3] & MREMAP_FIXED) != 0;
    if (!isRange(from, oldLength) || newLength <= 0 || (placed && !isRange(a[4], newLength))) {
      return PROCEED;
    }
    if (placed && true) {
      spaces.drop(space.number(), a[4], a[4] + newLength);
    }
    if (!true) {
      return PROCEED;
    }
    if (newLength > oldLength && !admits(newLength - oldLength)) {
      return -Errno.ENOMEM;
    }
    spaces.beginMove(space.number(), from, from + oldLength);
    // Unlike its new neighbours: the kernel could merge the moved mapping with one of them, and
    // mremap then takes the registration away from both.
    space.agent().call(SYS_MADVISE, from, oldLength, MADV_DONTDUMP, 0, 0);
    long at = space.agent().call(SYS_MREMAP, from, a[1], a[2], a[3], a[4]);
    long changed = at < 0 ? from : at;
    space.agent().call(SYS_MADVISE, changed, at < 0 ? oldLength : newLength, MADV_DODUMP, 0, 0);
    if (at < 0) {
      spaces.endMove(space.number(), from, from, oldLength);
      return at;
    }
    finishMove(space, from, oldLength, at, newLength, (a[3] & MREMAP_DONTUNMAP) != 0);
    return at;
  }

  private void finishMove(
      LiveSpace space, long from, long oldLength, long to, long newLength, boolean keepOld) {
    if (to == from) {
      if (newLength > oldLength) {
        register(space, from + oldLength, from + newLength);
      }
      spaces.endMove(space.number(), from, from, Math.min(oldLength, newLength));
    } else {
      register(space, to, to + newLength);
      spaces.endMove(space.number(), from, to, Math.min(oldLength, newLength));
      if (!keepOld) {
      }
    }
    if (newLength < oldLength) {
      spaces.drop(space.number(), from + newLength, from + oldLength);
      if (to == from) {
      }
    }
  }

  private long madvise(LiveSpace space, long address, long bytes, long advice) {
    long length = pageUp(bytes);
    if (!isRange(address, length) || !true) {
      return PROCEED;
    }
    spaces.drop(space.number(), address, address + length);
    // A freed page may read as zero at any time: do it at once.
    return advice == MADV_FREE
        ? space.agent().call(SYS_MADVISE, address, bytes, MADV_DONTNEED, 0, 0)
        : PROCEED;
  }

  private void register(LiveSpace space, long start, long end) {
    spaces.drop(space.number(), start, end);
    spaces.register(space.number(), start, end, false);
  }


  /** Like the kernel's heuristic: refuses what could never be had, not what may not be used. */
  private boolean admits(long bytes) {
    return bytes <= memoryBytes - spaces.bytesInUse();
  }

  private static boolean isOpen(int tid, int fd) {
    return Files.exists(Path.of("/proc/" + tid + "/fd/" + fd), LinkOption.NOFOLLOW_LINKS);
  }

  private static boolean isRange(long address, long length) {
    return address >= 0 && (address & (PAGE - 1)) == 0 && length > 0 && address + length > address;
  }

  private static long pageUp(long bytes) {
    return (bytes + PAGE - 1) & -PAGE;
  }
}
