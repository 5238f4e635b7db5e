package io.splitkernel.scomponent.volume;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.cryptomator.jfuse.linux.amd64.extr.fuse3.fuse_file_info;

/** libfuse's operations on open files. Any thread. */
final class FuseData {
  private static final int O_APPEND = 0x400;
  private static final int O_TRUNC = 0x200;
  private static final int O_ACCMODE = 3;
  // Bits behind the flags in struct fuse_file_info, which the bindings leave out.
  private static final long HOW = 4;
  private static final int KEEP_CACHE = 1 << 2;
  private static final int NO_FLUSH = 1 << 7; // nothing to write: no request at close

  private final Volume volume;
  private final FusePaths paths;
  private final KernelPages pages = new KernelPages();

  FuseData(Volume volume, FusePaths paths) {
    this.volume = volume;
    this.paths = paths;
  }

  /**
   * The kernel drops the file's pages by itself, and its attributes because it is told to, unless
   * they are those of the file as it is now.
   */
  int open(MemorySegment path, MemorySegment fileInfo) {
    String p = paths.inVolume(path);
    if (p == null) {
      return -Errno.ENOENT;
    }
    FileAttributes out = new FileAttributes();
    long askedNs = System.nanoTime();
    int rc = volume.lookup(p, 0, out);
    int flags = fuse_file_info.flags(fileInfo);
    if (rc == 0 && (flags & O_TRUNC) != 0) {
      rc = volume.change(p, out.id, AttributeChange.size(0), out);
    }
    if (rc != 0) {
      return rc;
    }
    fuse_file_info.fh(fileInfo, out.id);
    int how = (flags & O_ACCMODE) == 0 ? NO_FLUSH : 0;
    long node = MountWorker.currentNode();
    if (node != 0 && pages.opened(node, out, askedNs, System.nanoTime())) {
      how |= KEEP_CACHE;
    } else {
      MountWorker.forgetAttributes();
    }
    fileInfo.set(ValueLayout.JAVA_INT, HOW, fileInfo.get(ValueLayout.JAVA_INT, HOW) | how);
    return 0;
  }

  int read(MemorySegment path, MemorySegment out, long sizeBytes, long offset, MemorySegment fi) {
    String p = paths.inVolume(path);
    if (p == null) {
      return -Errno.ENOENT;
    }
    long n = Math.min(sizeBytes, Volume.TRANSFER_BYTES_MAX);
    return volume.read(p, FuseVolume.id(fi), offset, out.asSlice(0, n));
  }

  int write(MemorySegment path, MemorySegment from, long sizeBytes, long offset, MemorySegment fi) {
    String p = paths.inVolume(path);
    if (p == null) {
      return -Errno.ENOENT;
    }
    long id = FuseVolume.id(fi);
    long at = offset;
    if ((fuse_file_info.flags(fi) & O_APPEND) != 0) {
      FileAttributes end = new FileAttributes();
      int rc = volume.lookup(p, id, end);
      if (rc != 0) {
        return rc;
      }
      at = end.sizeBytes;
    }
    long n = Math.min(sizeBytes, Volume.TRANSFER_BYTES_MAX);
    return volume.write(p, id, at, from.asSlice(0, n));
  }

  int fsync(MemorySegment path, int dataOnly, MemorySegment fi) {
    String p = paths.inVolume(path);
    return p == null ? -Errno.ENOENT : volume.sync(p, FuseVolume.id(fi), dataOnly != 0);
  }

  int fallocate(MemorySegment path, int flags, long offset, long lengthBytes, MemorySegment fi) {
    String p = paths.inVolume(path);
    return p == null
        ? -Errno.ENOENT
        : volume.allocate(p, FuseVolume.id(fi), flags, offset, lengthBytes);
  }
}
