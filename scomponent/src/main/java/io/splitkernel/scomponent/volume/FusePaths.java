package io.splitkernel.scomponent.volume;

import io.splitkernel.protocol.files.Volume;
import java.lang.foreign.MemorySegment;

/**
 * Paths as libfuse names them, and as they are in the volume. A file that is removed while it is
 * open is renamed by libfuse to {@code .fuse_hidden} and 16 hexadecimal digits in its directory; in
 * the volume it goes to a directory of this mount under {@link #HIDDEN}, which nobody sees, so that
 * whoever cleans up after a mount that died knows where to look. Immutable.
 */
final class FusePaths {
  /** Directory of the volume with one for each mount. */
  static final String HIDDEN = "/" + Volume.HIDDEN_DIRECTORY;

  private static final String PREFIX = ".fuse_hidden";
  private static final int DIGITS = 16;

  private final String hiddenDirectory;

  FusePaths(long mountId) {
    hiddenDirectory = HIDDEN + "/" + String.format("%016x", mountId);
  }

  /** Directory of this mount's hidden files. */
  String hiddenDirectory() {
    return hiddenDirectory;
  }

  /** Path in the volume, or null for one that this mount does not show. */
  String inVolume(MemorySegment path) {
    String text = path.getString(0);
    if (text.startsWith(HIDDEN)
        && (text.length() == HIDDEN.length() || text.charAt(HIDDEN.length()) == '/')) {
      return null;
    }
    int name = text.lastIndexOf('/') + 1;
    if (isHiddenName(text, name)) {
      return hiddenDirectory + text.substring(name - 1);
    }
    // Names are text: bytes that are no UTF-8 were replaced by this, and would be another name.
    return text.indexOf('\ufffd') >= 0 ? null : text;
  }

  /** Whether a path in the volume is one of this mount's hidden files. */
  boolean isHidden(String inVolume) {
    return inVolume.startsWith(hiddenDirectory);
  }

  private static boolean isHiddenName(String text, int start) {
    if (text.length() - start != PREFIX.length() + DIGITS || !text.startsWith(PREFIX, start)) {
      return false;
    }
    for (int i = start + PREFIX.length(); i < text.length(); i++) {
      if (Character.digit(text.charAt(i), 16) < 0) {
        return false;
      }
    }
    return true;
  }
}
