package io.splitkernel.ffi;

import java.lang.foreign.Arena;

/**
 * Anonymous files in memory that other processes can map: memfd_create(2) with the size sealed, so
 * that no holder can shrink it under a mapping.
 */
public final class MemFd {
  private static final long SYS_MEMFD_CREATE = 319;
  private static final long SYS_FTRUNCATE = 77;
  private static final long SYS_FCNTL = 72;
  private static final long SYS_FALLOCATE = 285;
  private static final long MFD_CLOEXEC = 1;
  private static final long MFD_ALLOW_SEALING = 2;
  private static final long F_ADD_SEALS = 1033;
  private static final long F_GET_SEALS = 1034;
  private static final long F_SEAL_SEAL = 1;
  private static final long F_SEAL_SHRINK = 2;
  private static final long F_SEAL_GROW = 4;
  private static final long FALLOC_FL_KEEP_SIZE = 1;
  private static final long FALLOC_FL_PUNCH_HOLE = 2;

  private MemFd() {}

  /** Creates a sparse file of a fixed size; the descriptor or -errno. */
  public static int create(String name, long sizeBytes) {
    try (Arena arena = Arena.ofConfined()) {
      long fd =
          Syscall.call(
              SYS_MEMFD_CREATE,
              arena.allocateFrom(name).address(),
              MFD_CLOEXEC | MFD_ALLOW_SEALING,
              0);
      if (fd < 0) {
        return (int) fd;
      }
      long result = Syscall.call(SYS_FTRUNCATE, fd, sizeBytes, 0);
      if (result >= 0) {
        result =
            Syscall.call(SYS_FCNTL, fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW);
      }
      if (result < 0) {
        FileDescriptor.close((int) fd);
        return (int) result;
      }
      return (int) fd;
    }
  }

  /** True when the file is a memfd of exactly this size that nobody can shrink. */
  public static boolean isSealed(int fd, long sizeBytes) {
    long seals = Syscall.call(SYS_FCNTL, fd, F_GET_SEALS, 0);
    if (seals < 0 || (seals & F_SEAL_SHRINK) == 0) {
      return false;
    }
    FileDescriptor.Status status = FileDescriptor.status(fd);
    return status != null && status.sizeBytes() == sizeBytes;
  }

  /** Frees the pages of a range, which then reads as zero; 0 or -errno. */
  public static long punchHole(int fd, long offset, long lengthBytes) {
    return Syscall.call(
        SYS_FALLOCATE, fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, offset, lengthBytes, 0, 0);
  }
}
