package io.splitkernel.scomponent.store;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.Volume;
import java.nio.charset.StandardCharsets;

/** The form of paths and of volumes' names. */
final class VolumeNames {
  private static final int VOLUME_CHARS_MAX = 64;

  private VolumeNames() {}

  /** 0, or what is wrong with a path as a negative error number. */
  static int check(String path) {
    if (path.isEmpty() || path.charAt(0) != '/' || path.indexOf('\0') >= 0) {
      return -Errno.EINVAL;
    }
    if (path.equals("/")) {
      return 0;
    }
    if (!isText(path)) {
      return -Errno.EINVAL;
    }
    int total = path.getBytes(StandardCharsets.UTF_8).length;
    if (total > Volume.PATH_BYTES_MAX) {
      return -Errno.ENAMETOOLONG;
    }
    for (String part : path.substring(1).split("/", -1)) {
      if (part.isEmpty() || part.equals(".") || part.equals("..")) {
        return -Errno.EINVAL;
      }
      if (part.getBytes(StandardCharsets.UTF_8).length > Volume.NAME_BYTES_MAX) {
        return -Errno.ENAMETOOLONG;
      }
    }
    return 0;
  }

  /** Halves of surrogate pairs would all become the same byte. */
  private static boolean isText(String path) {
    return path.codePoints()
        .noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
  }

  /** Whether an error says that there is nothing at a path. */
  static boolean isNothing(int error) {
    return error == -Errno.ENOENT || error == -Errno.ENOTDIR;
  }

  /** Relative to the root: {@code .} for the root itself. */
  static String relative(String path) {
    return path.equals("/") ? "." : path.substring(1);
  }

  /** Relative path of the directory that a path is in. */
  static String parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash == 0 ? "." : path.substring(1, slash);
  }

  /** Last component. */
  static String leaf(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** Whether a volume can have a name. */
  static boolean isVolumeName(String name) {
    if (name.isEmpty() || name.length() > VOLUME_CHARS_MAX || name.charAt(0) == '.') {
      return false;
    }
    return name.matches("[A-Za-z0-9._-]+");
  }
}
