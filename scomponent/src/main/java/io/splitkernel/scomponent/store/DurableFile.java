package io.splitkernel.scomponent.store;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.LinuxFiles;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** Small files of the store's own, which are on the device when a method returns. */
final class DurableFile {
  private DurableFile() {}

  /** Writes a new file. */
  static void make(Path path, byte[] bytes) throws StoreException {
    write(path, LinuxFiles.O_CREAT | LinuxFiles.O_EXCL, 0, bytes);
  }

  /** Writes in place into a file that is there. */
  static void overwrite(Path path, long offset, byte[] bytes) throws StoreException {
    write(path, 0, offset, bytes);
  }

  private static void write(Path path, int flags, long offset, byte[] bytes) throws StoreException {
    int fd = LinuxFiles.openLocal(path.toString(), LinuxFiles.O_RDWR | flags, 0600);
    if (fd < 0) {
      throw new StoreException("open(" + path + ")", fd);
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment from = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      int result = LinuxFiles.write(fd, offset, from.address(), bytes.length);
      if (result < bytes.length) {
        throw new StoreException("write(" + path + ")", result < 0 ? result : -Errno.ENOSPC);
      }
      result = LinuxFiles.sync(fd, false);
      if (result < 0) {
        throw new StoreException("fsync(" + path + ")", result);
      }
    } finally {
      FileDescriptor.close(fd);
    }
  }
}
