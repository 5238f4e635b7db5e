package io.splitkernel.ffi;

/** mmap(2) and munmap(2) with 64-bit sizes. */
public final class MemoryMap {
  /** Size of a page of this machine in bytes. */
  public static final long PAGE_BYTES = 4096;

  private static final long SYS_MMAP = 9;
  private static final long SYS_MUNMAP = 11;
  private static final long PROT_READ = 1;
  private static final long PROT_WRITE = 2;
  private static final long MAP_SHARED = 1;
  private static final long MAP_NORESERVE = 0x4000;

  private MemoryMap() {}

  /** Maps a whole file for reading and writing, shared; the address or -errno. */
  public static long shared(int fd, long lengthBytes) {
    return shared(fd, 0, lengthBytes);
  }

  /** Maps a part of a file for reading and writing, shared; the address or -errno. */
  public static long shared(int fd, long offset, long lengthBytes) {
    return map(fd, offset, lengthBytes, PROT_READ | PROT_WRITE);
  }

  /** Maps a whole file for reading, shared; the address or -errno. */
  public static long sharedReadOnly(int fd, long lengthBytes) {
    return map(fd, 0, lengthBytes, PROT_READ);
  }

  private static long map(int fd, long offset, long lengthBytes, long protection) {
    long flags = MAP_SHARED | MAP_NORESERVE;
    return Syscall.call(SYS_MMAP, 0, lengthBytes, protection, flags, fd, offset);
  }

  /** True when {@link #shared} failed: the address is a negative errno. */
  public static boolean isError(long address) {
    return address < 0 && address > -4096;
  }

  /** Removes a mapping; 0 or -errno. */
  public static long unmap(long address, long lengthBytes) {
    return Syscall.call(SYS_MUNMAP, address, lengthBytes, 0);
  }
}
