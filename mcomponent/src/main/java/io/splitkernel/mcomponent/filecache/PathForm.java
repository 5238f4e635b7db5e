package io.splitkernel.mcomponent.filecache;

import io.splitkernel.protocol.files.Volume;

/** Whether a path can be one, so that a file that is known by id need not be asked for upstream. */
final class PathForm {
  private PathForm() {}

  /** Whether a path is the known one, or at least formed well; in doubt upstream is asked. */
  static boolean plausible(String path, String known) {
    if (path.equals(known)) {
      return true;
    }
    int length = path.length();
    if (length < 2 || length * 3 > Volume.PATH_BYTES_MAX || path.charAt(0) != '/') {
      return false;
    }
    int begin = 1;
    for (int i = 1; i <= length; i++) {
      char c = i == length ? '/' : path.charAt(i);
      if (c == 0) {
        return false;
      }
      if (c == '/') {
        if (!component(path, begin, i)) {
          return false;
        }
        begin = i + 1;
      }
    }
    return true;
  }

  private static boolean component(String path, int begin, int end) {
    int length = end - begin;
    boolean dots =
        length >= 1 && length <= 2 && path.charAt(begin) == '.' && path.charAt(end - 1) == '.';
    return length > 0 && length * 3 <= Volume.NAME_BYTES_MAX && !dots;
  }
}
