package io.splitkernel.scomponent.store;

import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.LinuxFiles;
import io.splitkernel.protocol.files.DirectorySink;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Reads directories with getdents64(2); the cookies are the file system's. */
final class DirectoryReader {
  private static final int BUFFER_BYTES = 32 * 1024;
  private static final int COOKIE = 8;
  private static final int RECORD_LENGTH = 16;
  private static final int TYPE = 18;
  private static final int NAME = 19;
  private static final int TYPE_SHIFT = 12;

  private DirectoryReader() {}

  static int read(int tree, String path, long cookie, DirectorySink out) {
    int flags = LinuxFiles.O_RDONLY | LinuxFiles.O_DIRECTORY;
    int fd = LinuxFiles.open(tree, VolumeNames.relative(path), flags, 0);
    if (fd < 0) {
      return fd;
    }
    try (Arena arena = Arena.ofConfined()) {
      long at = cookie == 0 ? 0 : LinuxFiles.seek(fd, cookie);
      return at < 0 ? (int) at : read(fd, arena.allocate(BUFFER_BYTES, 8), out);
    } finally {
      FileDescriptor.close(fd);
    }
  }

  private static int read(int fd, MemorySegment buffer, DirectorySink out) {
    int count = 0;
    while (true) {
      int length = LinuxFiles.readDirectory(fd, buffer.address(), BUFFER_BYTES);
      if (length <= 0) {
        return count > 0 ? count : length;
      }
      for (int at = 0; at < length; ) {
        String name = buffer.getString(at + NAME);
        int type = (buffer.get(ValueLayout.JAVA_BYTE, at + TYPE) & 0xf) << TYPE_SHIFT;
        long next = buffer.get(ValueLayout.JAVA_LONG_UNALIGNED, at + COOKIE);
        if (!name.equals(".") && !name.equals("..")) {
          if (!out.entry(name, 0, type, next)) {
            return count;
          }
          count++;
        }
        at += buffer.get(ValueLayout.JAVA_SHORT_UNALIGNED, at + RECORD_LENGTH) & 0xffff;
      }
    }
  }
}
