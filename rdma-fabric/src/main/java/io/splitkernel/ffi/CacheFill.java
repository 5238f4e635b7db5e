package io.splitkernel.ffi;

/**
 * Brings a file's content into the page cache without copying it anywhere: sendfile(2) to /dev/null
 * through a descriptor of its own, so that the kernel sees a file that is read in order and reads
 * ahead in large pieces, whatever order others read it in. (What posix_fadvise(2) is told it will
 * need comes in pages of 4 KiB, which costs processor time.) One thread.
 */
public final class CacheFill implements AutoCloseable {
  private static final long SYS_SENDFILE = 40;
  private static final int O_WRONLY = 1;

  private final int file;
  private final int nowhere;
  private final long position;

  private CacheFill(int file, int nowhere, long position) {
    this.file = file;
    this.nowhere = nowhere;
    this.position = position;
  }

  /**
   * Opens a file a second time.
   *
   * @param fd of a regular file; stays the caller's.
   * @return null when it cannot be opened for reading, or there is no /dev/null.
   */
  public static CacheFill open(int fd) {
    long position = RawMemory.map(Long.BYTES);
    int nowhere = LinuxFiles.openLocal("/dev/null", O_WRONLY, 0);
    int file = nowhere < 0 ? nowhere : FileDescriptor.reopenReadOnly(fd);
    if (file < 0) {
      FileDescriptor.close(nowhere);
      RawMemory.unmap(position, Long.BYTES);
      return null;
    }
    return new CacheFill(file, nowhere, position);
  }

  /**
   * Waits for the device until a range is in the page cache.
   *
   * @param offset in the file.
   * @param lengthBytes of the range.
   * @return bytes, fewer at the end of the file, 0 behind it; -errno, -EINVAL where the file system
   *     does not take part.
   */
  public long fill(long offset, long lengthBytes) {
    RawMemory.putLong(position, offset);
    return Syscall.call(SYS_SENDFILE, nowhere, file, position, lengthBytes, 0, 0);
  }

  @Override
  public void close() {
    FileDescriptor.close(file);
    FileDescriptor.close(nowhere);
    RawMemory.unmap(position, Long.BYTES);
  }
}
