package io.splitkernel.scomponent.store;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.LinuxFiles;
import io.splitkernel.protocol.files.ByteSink;
import io.splitkernel.protocol.files.Volume;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Extended attributes: those of users, without the store's own. */
final class Xattrs {
  static final String USERS = "user.";
  private static final int LIST_BYTES_MAX = 65_536;

  private Xattrs() {}

  /** What to do with an O_PATH descriptor. */
  private interface Use {
    int on(int fd);
  }

  private static int with(int tree, String path, Use use) {
    int flags = LinuxFiles.O_PATH | LinuxFiles.O_NOFOLLOW;
    int fd = LinuxFiles.open(tree, VolumeNames.relative(path), flags, 0);
    if (fd < 0) {
      return fd;
    }
    try {
      return use.on(fd);
    } finally {
      FileDescriptor.close(fd);
    }
  }

  static boolean isUsers(String name) {
    return name.startsWith(USERS) && !name.startsWith(FileIds.OWN) && name.indexOf('\0') < 0;
  }

  static int get(int tree, String path, String name, ByteSink out) {
    if (!isUsers(name)) {
      return name.startsWith(USERS) ? -Errno.ENODATA : -Errno.EOPNOTSUPP;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(Volume.XATTR_BYTES_MAX);
      int length = with(tree, path, fd -> LinuxFiles.getXattr(fd, name, value));
      if (length >= 0) {
        out.accept(value.asSlice(0, length));
      }
      return length;
    }
  }

  static int set(int tree, String path, String name, byte[] value, int flags) {
    if (!isUsers(name)) {
      return -Errno.EOPNOTSUPP;
    }
    return value.length > Volume.XATTR_BYTES_MAX
        ? -Errno.E2BIG
        : with(tree, path, fd -> LinuxFiles.setXattr(fd, name, value, flags));
  }

  static int list(int tree, String path, ByteSink out) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment names = arena.allocate(LIST_BYTES_MAX);
      int length = with(tree, path, fd -> LinuxFiles.listXattrs(fd, names));
      if (length < 0) {
        return length;
      }
      StringBuilder kept = new StringBuilder();
      byte[] bytes = names.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
      for (String name : new String(bytes, StandardCharsets.UTF_8).split("\0")) {
        if (isUsers(name)) {
          kept.append(name).append('\0');
        }
      }
      byte[] answer = kept.toString().getBytes(StandardCharsets.UTF_8);
      out.accept(MemorySegment.ofArray(answer));
      return answer.length;
    }
  }

  static int remove(int tree, String path, String name) {
    return isUsers(name)
        ? with(tree, path, fd -> LinuxFiles.removeXattr(fd, name))
        : name.startsWith(USERS) ? -Errno.ENODATA : -Errno.EOPNOTSUPP;
  }
}
