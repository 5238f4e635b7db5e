package io.splitkernel.scomponent.store;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.LinuxFiles;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.scomponent.store.OpenFiles.OpenFile;
import java.lang.foreign.MemorySegment;

/** Contents of a volume's regular files. Any thread. */
final class Contents {
  private final String volume;
  private final int tree;
  private final OpenFiles open;
  private final Charge charge;
  private final ThreadLocal<Scratch> scratches = ThreadLocal.withInitial(Scratch::new);

  Contents(String volume, int tree, OpenFiles open, Charge charge) {
    this.volume = volume;
    this.tree = tree;
    this.open = open;
    this.charge = charge;
  }

  /** What to do with an open file. */
  interface Use {
    int on(OpenFile file);
  }

  int with(String path, long id, Use use) {
    OpenFile file = id == 0 ? null : open.take(id);
    if (file == null) {
      int fd = openRegular(path);
      if (fd < 0) {
        return fd;
      }
      LinuxFiles.Status status = LinuxFiles.status(fd);
      if (status == null || (status.mode() & FileAttributes.TYPE_MASK) != FileAttributes.REGULAR) {
        FileDescriptor.close(fd);
        return -Errno.EINVAL;
      }
      long found = FileIds.of(fd, status);
      if (id != 0 && id != found) {
        FileDescriptor.close(fd);
        return -Errno.ESTALE;
      }
      file =
          open.add(
              found, new CheckedFile(new LinuxBackingFile(fd), volume + ":" + path, scratches));
    }
    try {
      return use.on(file);
    } finally {
      open.give(file);
    }
  }

  /** FIFOs and the like are opened without waiting, and refused by who asked. */
  private int openRegular(String path) {
    String relative = VolumeNames.relative(path);
    int flags = LinuxFiles.O_NONBLOCK | LinuxFiles.O_NOFOLLOW;
    int fd = LinuxFiles.open(tree, relative, flags | LinuxFiles.O_RDWR, 0);
    return fd == -Errno.EROFS ? LinuxFiles.open(tree, relative, flags, 0) : fd;
  }

  int read(String path, long id, long offset, MemorySegment into) {
    return with(path, id, file -> file.content.read(offset, into));
  }

  int write(String path, long id, long offset, MemorySegment from) {
    return with(
        path,
        id,
        file -> {
          if (offset >= 0 && offset + from.byteSize() <= file.content.size()) {
            return file.content.write(offset, from);
          }
          return growing(file, offset + from.byteSize(), () -> file.content.write(offset, from));
        });
  }

  /** A change of a file's content that may change its length. */
  interface Growth {
    int run();
  }

  /** One at a time for a file, so that its length is charged right. */
  int growing(OpenFile file, long sizeBytes, Growth growth) {
    synchronized (file) {
      long before = file.content.size();
      long after = Math.max(before, sizeBytes);
      if (after < 0 || after > CheckedLayout.SIZE_MAX) {
        return sizeBytes < 0 ? -Errno.EINVAL : -Errno.EFBIG;
      }
      if (!charge.change(before, after)) {
        return -Errno.ENOSPC;
      }
      int result = growth.run();
      charge.change(after, file.content.size());
      return result;
    }
  }

  int setSize(String path, long id, long sizeBytes) {
    if (sizeBytes < 0) {
      return -Errno.EINVAL;
    }
    return with(path, id, file -> growing(file, sizeBytes, () -> file.content.setSize(sizeBytes)));
  }

  int sync(String path, long id, boolean dataOnly) {
    int result = with(path, id, file -> file.content.sync(dataOnly));
    return result == -Errno.EISDIR ? syncDirectory(path) : result;
  }

  private int syncDirectory(String path) {
    int flags = LinuxFiles.O_RDONLY | LinuxFiles.O_DIRECTORY;
    int fd = LinuxFiles.open(tree, VolumeNames.relative(path), flags, 0);
    if (fd < 0) {
      return fd;
    }
    int result = LinuxFiles.sync(fd, false);
    FileDescriptor.close(fd);
    return result;
  }

  int allocate(String path, long id, int flags, long offset, long lengthBytes) {
    boolean punch = flags == (Volume.ALLOCATE_KEEP_SIZE | Volume.ALLOCATE_PUNCH_HOLE);
    if (!punch && flags != 0 && flags != Volume.ALLOCATE_KEEP_SIZE) {
      return -Errno.EOPNOTSUPP;
    }
    if (offset < 0 || lengthBytes <= 0 || offset + lengthBytes < 0) {
      return -Errno.EINVAL;
    }
    if (punch) {
      return with(path, id, file -> file.content.punch(offset, lengthBytes));
    }
    boolean keep = flags != 0;
    long end = offset + lengthBytes;
    return with(
        path,
        id,
        file ->
            growing(file, keep ? 0 : end, () -> file.content.reserve(offset, lengthBytes, keep)));
  }
}
