package io.splitkernel.scomponent.volume;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FuseCaller;
import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeSpace;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ThreadLocalRandom;
import org.cryptomator.jfuse.linux.amd64.extr.fuse3.fuse_file_info;
import org.cryptomator.jfuse.linux.amd64.extr.fuse3.statvfs;
import org.cryptomator.jfuse.linux.amd64.extr.fuse3.timespec;

/**
 * libfuse's operations on names and attributes, carried out on a {@link Volume}. Stateless; any
 * thread. An open file is known by its id, which the kernel keeps as the handle.
 */
final class FuseVolume {
  private static final int PERMISSIONS = 07777;
  private static final int SET_GID = 02000;
  private static final long UTIME_NOW = 0x3fffffff;
  private static final long UTIME_OMIT = 0x3ffffffe;
  private static final long NS_PER_S = 1_000_000_000;

  private final Volume volume;
  private final FusePaths paths;
  private final HiddenFiles hidden;

  FuseVolume(Volume volume, FusePaths paths, HiddenFiles hidden) {
    this.volume = volume;
    this.paths = paths;
    this.hidden = hidden;
  }

  private static long newId() {
    long id;
    do {
      id = ThreadLocalRandom.current().nextLong();
    } while (id == 0);
    return id;
  }

  /** Id of an open file, or 0. */
  static long id(MemorySegment fileInfo) {
    return fileInfo.address() == 0 ? 0 : fuse_file_info.fh(fileInfo);
  }

  int getattr(MemorySegment path, MemorySegment out, MemorySegment fileInfo) {
    String p = paths.inVolume(path);
    if (p == null) {
      return -Errno.ENOENT;
    }
    FileAttributes attributes = new FileAttributes();
    int rc = volume.lookup(p, id(fileInfo), attributes);
    if (rc == 0) {
      FuseStat.fill(out, attributes, paths.isHidden(p));
    }
    return rc;
  }

  int readlink(MemorySegment path, MemorySegment out, long sizeBytes) {
    String p = paths.inVolume(path);
    if (p == null || sizeBytes < 1) {
      return -Errno.ENOENT;
    }
    int rc =
        volume.readLink(
            p,
            bytes -> {
              long n = Math.min(bytes.byteSize(), sizeBytes - 1);
              MemorySegment.copy(bytes, 0, out, 0, n);
              out.set(java.lang.foreign.ValueLayout.JAVA_BYTE, n, (byte) 0);
            });
    return Math.min(rc, 0);
  }

  /** Group of what is made in a directory: the directory's when it says so. */
  private int group(String path) {
    FileAttributes parent = new FileAttributes();
    String directory = path.substring(0, Math.max(1, path.lastIndexOf('/')));
    boolean inherited = volume.lookup(directory, 0, parent) == 0 && (parent.mode & SET_GID) != 0;
    return inherited ? parent.gid : FuseCaller.gid();
  }

  int mknod(MemorySegment path, int mode, long device) {
    String p = paths.inVolume(path);
    if (p == null) {
      return -Errno.EPERM;
    }
    FileAttributes out = new FileAttributes();
    int type = mode & FileAttributes.TYPE_MASK;
    if (type == FileAttributes.REGULAR || type == 0) {
      int flags = Volume.CREATE_EXCLUSIVE;
      return volume.create(p, newId(), flags, mode & PERMISSIONS, FuseCaller.uid(), group(p), out);
    }
    return volume.makeNode(p, newId(), mode, device, FuseCaller.uid(), group(p), out);
  }

  int mkdir(MemorySegment path, int mode) {
    String p = paths.inVolume(path);
    if (p == null) {
      return -Errno.EPERM;
    }
    FileAttributes parent = new FileAttributes();
    String directory = p.substring(0, Math.max(1, p.lastIndexOf('/')));
    boolean inherited = volume.lookup(directory, 0, parent) == 0 && (parent.mode & SET_GID) != 0;
    int gid = inherited ? parent.gid : FuseCaller.gid();
    int bits = (mode & PERMISSIONS) | (inherited ? SET_GID : 0);
    return volume.makeDirectory(p, newId(), bits, FuseCaller.uid(), gid, new FileAttributes());
  }

  int symlink(MemorySegment target, MemorySegment path) {
    String p = paths.inVolume(path);
    if (p == null) {
      return -Errno.EPERM;
    }
    FileAttributes out = new FileAttributes();
    if (volume.lookup(p, 0, out) == 0) {
      return -Errno.EEXIST;
    }
    return volume.makeSymlink(p, target.getString(0), FuseCaller.uid(), group(p), out);
  }

  int link(MemorySegment path, MemorySegment target) {
    String from = paths.inVolume(path);
    String to = paths.inVolume(target);
    if (from == null || to == null) {
      return -Errno.EPERM;
    }
    FileAttributes attributes = new FileAttributes();
    int rc = volume.lookup(from, 0, attributes);
    return rc != 0 ? rc : volume.link(from, attributes.id, to, attributes);
  }

  int unlink(MemorySegment path) {
    return remove(path, false);
  }

  int rmdir(MemorySegment path) {
    return remove(path, true);
  }

  private int remove(MemorySegment path, boolean directory) {
    String p = paths.inVolume(path);
    if (p == null) {
      return -Errno.ENOENT;
    }
    FileAttributes attributes = new FileAttributes();
    int rc = volume.lookup(p, 0, attributes);
    if (rc != 0) {
      return rc;
    }
    long id = attributes.id;
    return directory ? volume.removeDirectory(p, id, false) : volume.unlink(p, id, false);
  }

  int rename(MemorySegment path, MemorySegment target, int flags) {
    String from = paths.inVolume(path);
    String to = paths.inVolume(target);
    if (from == null || to == null) {
      return -Errno.EPERM;
    }
    FileAttributes attributes = new FileAttributes();
    int rc = volume.lookup(from, 0, attributes);
    if (rc == 0 && paths.isHidden(to)) {
      rc = hidden.prepare();
    }
    if (rc != 0) {
      return rc;
    }
    long id = attributes.id;
    return volume.rename(from, id, to, flags, false);
  }

  private int change(MemorySegment path, MemorySegment fileInfo, AttributeChange change) {
    String p = paths.inVolume(path);
    return p == null ? -Errno.ENOENT : volume.change(p, id(fileInfo), change, new FileAttributes());
  }

  int chmod(MemorySegment path, int mode, MemorySegment fileInfo) {
    return change(path, fileInfo, AttributeChange.mode(mode & PERMISSIONS));
  }

  int chown(MemorySegment path, int uid, int gid, MemorySegment fileInfo) {
    return change(path, fileInfo, AttributeChange.owner(uid, gid));
  }

  int truncate(MemorySegment path, long sizeBytes, MemorySegment fileInfo) {
    return change(path, fileInfo, AttributeChange.size(sizeBytes));
  }

  int utimens(MemorySegment path, MemorySegment times, MemorySegment fileInfo) {
    if (times.address() == 0) {
      AttributeChange now = AttributeChange.times(AttributeChange.NOW, AttributeChange.NOW);
      return change(path, fileInfo, now);
    }
    MemorySegment accessed = timespec.asSlice(times, 0);
    MemorySegment modified = timespec.asSlice(times, 1);
    int set =
        (timespec.tv_nsec(accessed) == UTIME_OMIT ? 0 : AttributeChange.ACCESSED)
            | (timespec.tv_nsec(modified) == UTIME_OMIT ? 0 : AttributeChange.MODIFIED);
    return change(path, fileInfo, new AttributeChange(set, 0, 0, 0, 0, ns(accessed), ns(modified)));
  }

  private static long ns(MemorySegment time) {
    long ns = timespec.tv_nsec(time);
    if (ns == UTIME_NOW || ns == UTIME_OMIT) {
      return AttributeChange.NOW;
    }
    return timespec.tv_sec(time) * NS_PER_S + ns;
  }

  int create(MemorySegment path, int mode, MemorySegment fileInfo) {
    String p = paths.inVolume(path);
    if (p == null) {
      return -Errno.EPERM;
    }
    FileAttributes out = new FileAttributes();
    int flags = Volume.CREATE_EXCLUSIVE;
    int rc = volume.create(p, newId(), flags, mode & PERMISSIONS, FuseCaller.uid(), group(p), out);
    if (rc == 0) {
      fuse_file_info.fh(fileInfo, out.id);
    } else if (rc == -Errno.EEXIST
        && (fuse_file_info.flags(fileInfo) & Volume.CREATE_EXCLUSIVE) == 0) {
      // Another client was faster: the kernel looks again, and checks the permissions of that one.
      return -Errno.ESTALE;
    }
    return rc;
  }

  int statfs(MemorySegment path, MemorySegment out) {
    VolumeSpace space = new VolumeSpace();
    int rc = volume.space(space);
    if (rc != 0) {
      return rc;
    }
    statvfs.f_bsize(out, Volume.BLOCK_BYTES);
    statvfs.f_frsize(out, Volume.BLOCK_BYTES);
    statvfs.f_blocks(out, space.totalBytes / Volume.BLOCK_BYTES);
    statvfs.f_bfree(out, space.freeBytes / Volume.BLOCK_BYTES);
    statvfs.f_bavail(out, space.freeBytes / Volume.BLOCK_BYTES);
    statvfs.f_files(out, space.filesMax);
    statvfs.f_ffree(out, space.filesFree);
    statvfs.f_namemax(out, Volume.NAME_BYTES_MAX);
    return 0;
  }
}
