package io.splitkernel.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Files by descriptor, as the system calls have them (x86-64). Results are counts or descriptors,
 * or {@code -errno}. Any thread.
 */
public final class LinuxFiles {
  /** Flags of {@link #open}. */
  public static final int O_RDONLY = 0;

  public static final int O_RDWR = 2;
  public static final int O_CREAT = 0x40;
  public static final int O_EXCL = 0x80;
  public static final int O_NONBLOCK = 0x800;
  public static final int O_DIRECTORY = 0x10000;
  public static final int O_NOFOLLOW = 0x20000;
  public static final int O_CLOEXEC = 0x80000;
  public static final int O_PATH = 0x200000;

  /** Flags of {@link #unlink}, {@link #rename} and {@link #allocate}. */
  public static final int AT_REMOVEDIR = 0x200;

  public static final int RENAME_NOREPLACE = 1;
  public static final int FALLOC_KEEP_SIZE = 1;
  public static final int FALLOC_PUNCH_HOLE = 2;

  /** Time of {@link #setTimes} that leaves one as it is, and the one that means now. */
  public static final long TIME_OMIT = Long.MAX_VALUE;

  public static final long TIME_NOW = Long.MIN_VALUE;

  private static final long RWF_NOWAIT = 8;
  private static final int AT_FDCWD = -100;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int RESOLVE = 2 | 4 | 8; // no magic links, no symlinks, beneath
  private static final long UTIME_NOW = (1L << 30) - 1;
  private static final long UTIME_OMIT = (1L << 30) - 2;
  private static final long NS_PER_S = 1_000_000_000L;
  private static final int STAT_BYTES = 144;
  private static final int STATFS_BYTES = 120;
  private static final int RANGE_WAIT_BEFORE = 1;
  private static final int RANGE_WRITE = 2;
  private static final int RANGE_WAIT_AFTER = 4;
  private static final int ADVICE_WILL_NEED = 3;
  private static final int LOCK_EX_NB = 2 | 4;

  private LinuxFiles() {}

  /** What fstat tells; times in nanoseconds since 1970. */
  public record Status(
      long inode,
      long links,
      int mode,
      int uid,
      int gid,
      long device,
      long sizeBytes,
      long allocatedBytes,
      long accessedNs,
      long modifiedNs,
      long changedNs) {}

  /** What fstatfs tells. */
  public record Space(
      long type,
      long totalBytes,
      long freeBytes,
      long availableBytes,
      long files,
      long freeFiles) {}

  /**
   * openat2(2) that never leaves a directory and follows no symbolic link.
   *
   * @param directory descriptor.
   * @param path relative; {@code .} for the directory itself.
   * @param flags of open(2); O_CLOEXEC is added.
   * @param mode of a file that is created.
   * @return descriptor or -errno.
   */
  public static int open(int directory, String path, int flags, int mode) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment how = arena.allocate(24, 8);
      how.set(ValueLayout.JAVA_LONG, 0, (flags | O_CLOEXEC) & 0xffffffffL);
      how.set(ValueLayout.JAVA_LONG, 8, mode);
      how.set(ValueLayout.JAVA_LONG, 16, RESOLVE);
      return (int) Syscall.call(437, directory, text(arena, path), how.address(), 24, 0, 0);
    }
  }

  /** open(2) of a path of this machine. */
  public static int openLocal(String path, int flags, int mode) {
    try (Arena arena = Arena.ofConfined()) {
      return (int) Syscall.call(257, AT_FDCWD, text(arena, path), flags | O_CLOEXEC, mode, 0, 0);
    }
  }

  private static long text(Arena arena, String text) {
    return arena.allocateFrom(text).address();
  }

  /** pread(2) until all is there or the file ends. */
  public static int read(int fd, long offset, long address, int lengthBytes) {
    int done = 0;
    while (done < lengthBytes) {
      long n = Syscall.call(17, fd, address + done, lengthBytes - done, offset + done, 0, 0);
      if (n == 0) {
        break;
      }
      if (n < 0 && n != -Errno.EINTR) {
        return (int) n;
      }
      done += (int) Math.max(n, 0);
    }
    return done;
  }

  /** Bytes of what {@link #readNow} needs for itself. */
  public static final int READ_NOW_BYTES = 16;

  /**
   * preadv2(2) with RWF_NOWAIT: what is in memory, without waiting for the device.
   *
   * @param own address of {@link #READ_NOW_BYTES} bytes that nobody else uses meanwhile.
   * @return bytes read, fewer when the rest is not in memory; -EAGAIN when none is, -EOPNOTSUPP
   *     where the file system cannot say.
   */
  public static int readNow(int fd, long offset, long address, int lengthBytes, long own) {
    RawMemory.putLong(own, address);
    RawMemory.putLong(own + 8, lengthBytes);
    return (int) Syscall.call(327, fd, own, 1, offset, 0, RWF_NOWAIT);
  }

  /** pwrite(2) until all is written or it fails: the count so far, or -errno when it is 0. */
  public static int write(int fd, long offset, long address, int lengthBytes) {
    int done = 0;
    while (done < lengthBytes) {
      long n = Syscall.call(18, fd, address + done, lengthBytes - done, offset + done, 0, 0);
      if (n < 0 && n != -Errno.EINTR) {
        return done > 0 ? done : (int) n;
      }
      done += (int) Math.max(n, 0);
    }
    return done;
  }

  /** fsync(2), or fdatasync(2). */
  public static int sync(int fd, boolean dataOnly) {
    return (int) Syscall.call(dataOnly ? 75 : 74, fd, 0, 0);
  }

  /**
   * sync_file_range(2) of the whole file: what is in memory goes to the device.
   *
   * @param wait whether to return when the device has taken it, with its error.
   */
  public static int writeOut(int fd, boolean wait) {
    int flags = wait ? RANGE_WAIT_BEFORE | RANGE_WRITE | RANGE_WAIT_AFTER : RANGE_WRITE;
    return (int) Syscall.call(277, fd, 0, 0, flags, 0, 0);
  }

  /**
   * posix_fadvise(2) with POSIX_FADV_WILLNEED: the kernel begins to read a range, if it can.
   *
   * @param offset of its first byte.
   * @param lengthBytes of it; Linux takes about as much at once as the device's readahead.
   */
  public static int willNeed(int fd, long offset, long lengthBytes) {
    return (int) Syscall.call(221, fd, offset, lengthBytes, ADVICE_WILL_NEED, 0, 0);
  }

  /** ftruncate(2). */
  public static int setSize(int fd, long sizeBytes) {
    return (int) Syscall.call(77, fd, sizeBytes, 0);
  }

  /** fallocate(2). */
  public static int allocate(int fd, int flags, long offset, long lengthBytes) {
    return (int) Syscall.call(285, fd, flags, offset, lengthBytes, 0, 0);
  }

  /** lseek(2) from the start, as getdents64 needs it. */
  public static long seek(int fd, long offset) {
    return Syscall.call(8, fd, offset, 0);
  }

  /** getdents64(2). */
  public static int readDirectory(int fd, long address, int lengthBytes) {
    return (int) Syscall.call(217, fd, address, lengthBytes);
  }

  /** flock(2), exclusive, without waiting. */
  public static int lock(int fd) {
    return (int) Syscall.call(73, fd, LOCK_EX_NB, 0);
  }

  /**
   * fstat(2), which O_PATH descriptors allow too.
   *
   * @param fd of anything.
   * @return what it is, or null when the call failed.
   */
  public static Status status(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment s = arena.allocate(STAT_BYTES, 8);
      long result = Syscall.call(262, fd, text(arena, ""), s.address(), AT_EMPTY_PATH, 0, 0);
      if (result < 0) {
        return null;
      }
      return new Status(
          s.get(ValueLayout.JAVA_LONG, 8),
          s.get(ValueLayout.JAVA_LONG, 16),
          s.get(ValueLayout.JAVA_INT, 24),
          s.get(ValueLayout.JAVA_INT, 28),
          s.get(ValueLayout.JAVA_INT, 32),
          s.get(ValueLayout.JAVA_LONG, 40),
          s.get(ValueLayout.JAVA_LONG, 48),
          s.get(ValueLayout.JAVA_LONG, 64) * 512,
          time(s, 72),
          time(s, 88),
          time(s, 104));
    }
  }

  private static long time(MemorySegment s, long at) {
    return s.get(ValueLayout.JAVA_LONG, at) * NS_PER_S + s.get(ValueLayout.JAVA_LONG, at + 8);
  }

  /** fstatfs(2), or null when the call failed. */
  public static Space space(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment s = arena.allocate(STATFS_BYTES, 8);
      if (Syscall.call(138, fd, s.address(), 0) < 0) {
        return null;
      }
      long block = s.get(ValueLayout.JAVA_LONG, 8);
      return new Space(
          s.get(ValueLayout.JAVA_LONG, 0),
          s.get(ValueLayout.JAVA_LONG, 16) * block,
          s.get(ValueLayout.JAVA_LONG, 24) * block,
          s.get(ValueLayout.JAVA_LONG, 32) * block,
          s.get(ValueLayout.JAVA_LONG, 40),
          s.get(ValueLayout.JAVA_LONG, 48));
    }
  }

  /** mkdirat(2). */
  public static int makeDirectory(int directory, String name, int mode) {
    try (Arena arena = Arena.ofConfined()) {
      return (int) Syscall.call(258, directory, text(arena, name), mode);
    }
  }

  /** mknodat(2). */
  public static int makeNode(int directory, String name, int mode, long device) {
    try (Arena arena = Arena.ofConfined()) {
      return (int) Syscall.call(259, directory, text(arena, name), mode, device, 0, 0);
    }
  }

  /** symlinkat(2). */
  public static int makeSymlink(String target, int directory, String name) {
    try (Arena arena = Arena.ofConfined()) {
      return (int) Syscall.call(266, text(arena, target), directory, text(arena, name));
    }
  }

  /** linkat(2) of a name, which is not followed. */
  public static int link(int directory, String name, int targetDirectory, String target) {
    try (Arena arena = Arena.ofConfined()) {
      long from = text(arena, name);
      return (int) Syscall.call(265, directory, from, targetDirectory, text(arena, target), 0, 0);
    }
  }

  /** unlinkat(2). */
  public static int unlink(int directory, String name, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      return (int) Syscall.call(263, directory, text(arena, name), flags);
    }
  }

  /** renameat2(2). */
  public static int rename(
      int directory, String name, int targetDirectory, String target, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      long from = text(arena, name);
      return (int)
          Syscall.call(316, directory, from, targetDirectory, text(arena, target), flags, 0);
    }
  }

  /** readlinkat(2). */
  public static int readLink(int directory, String name, MemorySegment into) {
    try (Arena arena = Arena.ofConfined()) {
      return (int)
          Syscall.call(267, directory, text(arena, name), into.address(), into.byteSize(), 0, 0);
    }
  }

  /** fchmodat(2) by way of /proc, so that O_PATH descriptors do. Not for symbolic links. */
  public static int setMode(int fd, int mode) {
    try (Arena arena = Arena.ofConfined()) {
      return (int) Syscall.call(268, AT_FDCWD, text(arena, proc(fd)), mode);
    }
  }

  /** fchownat(2); -1 leaves one as it is. */
  public static int setOwner(int fd, int uid, int gid) {
    try (Arena arena = Arena.ofConfined()) {
      return (int) Syscall.call(260, fd, text(arena, ""), uid, gid, AT_EMPTY_PATH, 0);
    }
  }

  /**
   * utimensat(2) of a descriptor, O_PATH or not.
   *
   * @param accessedNs since 1970, {@link #TIME_NOW} or {@link #TIME_OMIT}.
   * @param modifiedNs likewise.
   */
  public static int setTimes(int fd, long accessedNs, long modifiedNs) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment times = arena.allocate(32, 8);
      putTime(times, 0, accessedNs);
      putTime(times, 16, modifiedNs);
      long path = text(arena, "");
      return (int) Syscall.call(280, fd, path, times.address(), AT_EMPTY_PATH, 0, 0);
    }
  }

  private static void putTime(MemorySegment times, long at, long ns) {
    boolean special = ns == TIME_NOW || ns == TIME_OMIT;
    times.set(ValueLayout.JAVA_LONG, at, special ? 0 : Math.floorDiv(ns, NS_PER_S));
    long rest = ns == TIME_NOW ? UTIME_NOW : ns == TIME_OMIT ? UTIME_OMIT : 0;
    times.set(ValueLayout.JAVA_LONG, at + 8, special ? rest : Math.floorMod(ns, NS_PER_S));
  }

  private static String proc(int fd) {
    return "/proc/self/fd/" + fd;
  }

  /** getxattr(2) of a descriptor, O_PATH or not. */
  public static int getXattr(int fd, String name, MemorySegment into) {
    try (Arena arena = Arena.ofConfined()) {
      long path = text(arena, proc(fd));
      return (int)
          Syscall.call(191, path, text(arena, name), into.address(), into.byteSize(), 0, 0);
    }
  }

  /** setxattr(2) of a descriptor, O_PATH or not. */
  public static int setXattr(int fd, String name, byte[] value, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      long path = text(arena, proc(fd));
      MemorySegment bytes = arena.allocate(Math.max(1, value.length));
      MemorySegment.copy(value, 0, bytes, ValueLayout.JAVA_BYTE, 0, value.length);
      return (int)
          Syscall.call(188, path, text(arena, name), bytes.address(), value.length, flags, 0);
    }
  }

  /** listxattr(2) of a descriptor, O_PATH or not. */
  public static int listXattrs(int fd, MemorySegment into) {
    try (Arena arena = Arena.ofConfined()) {
      return (int) Syscall.call(194, text(arena, proc(fd)), into.address(), into.byteSize());
    }
  }

  /** removexattr(2) of a descriptor, O_PATH or not. */
  public static int removeXattr(int fd, String name) {
    try (Arena arena = Arena.ofConfined()) {
      return (int) Syscall.call(197, text(arena, proc(fd)), text(arena, name), 0);
    }
  }
}
