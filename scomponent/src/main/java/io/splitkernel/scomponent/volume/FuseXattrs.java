package io.splitkernel.scomponent.volume;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.ByteSink;
import io.splitkernel.protocol.files.Volume;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * libfuse's operations on extended attributes. Those outside {@code user.} are refused here: the
 * kernel asks for {@code security.capability} before every write. Stateless; any thread.
 */
final class FuseXattrs {
  private static final int ERANGE = 34;

  private final Volume volume;
  private final FusePaths paths;

  FuseXattrs(Volume volume, FusePaths paths) {
    this.volume = volume;
    this.paths = paths;
  }

  private static boolean isUsers(MemorySegment name) {
    byte[] prefix = {'u', 's', 'e', 'r', '.'};
    for (int i = 0; i < prefix.length; i++) {
      if (name.get(ValueLayout.JAVA_BYTE, i) != prefix[i]) {
        return false;
      }
    }
    return true;
  }

  int getxattr(MemorySegment path, MemorySegment name, MemorySegment out, long sizeBytes) {
    if (!isUsers(name)) {
      return -Errno.EOPNOTSUPP;
    }
    String p = paths.inVolume(path);
    return p == null
        ? -Errno.ENOENT
        : fit(volume.getXattr(p, name.getString(0), into(out, sizeBytes)), sizeBytes);
  }

  int listxattr(MemorySegment path, MemorySegment out, long sizeBytes) {
    String p = paths.inVolume(path);
    return p == null ? -Errno.ENOENT : fit(volume.listXattrs(p, into(out, sizeBytes)), sizeBytes);
  }

  int setxattr(
      MemorySegment path, MemorySegment name, MemorySegment value, long sizeBytes, int flags) {
    if (!isUsers(name)) {
      return -Errno.EOPNOTSUPP;
    }
    String p = paths.inVolume(path);
    if (p == null) {
      return -Errno.ENOENT;
    }
    if (sizeBytes > Volume.XATTR_BYTES_MAX) {
      return -Errno.E2BIG;
    }
    byte[] bytes = value.asSlice(0, sizeBytes).toArray(ValueLayout.JAVA_BYTE);
    return volume.setXattr(p, name.getString(0), bytes, flags);
  }

  int removexattr(MemorySegment path, MemorySegment name) {
    if (!isUsers(name)) {
      return -Errno.EOPNOTSUPP;
    }
    String p = paths.inVolume(path);
    return p == null ? -Errno.ENOENT : volume.removeXattr(p, name.getString(0));
  }

  private static ByteSink into(MemorySegment out, long sizeBytes) {
    return bytes -> {
      if (bytes.byteSize() <= sizeBytes) {
        MemorySegment.copy(bytes, 0, out, 0, bytes.byteSize());
      }
    };
  }

  /** Size 0 asks for the length only. */
  private static int fit(int rc, long sizeBytes) {
    return sizeBytes != 0 && rc > sizeBytes ? -ERANGE : rc;
  }
}
