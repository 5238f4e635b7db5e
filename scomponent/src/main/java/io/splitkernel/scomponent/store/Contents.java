package io.splitkernel.scomponent.store;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.LinuxFiles;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.scomponent.store.OpenFiles.OpenFile;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.Lock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Contents of a volume's regular files. Any thread. A file is opened under the shared lock of
 * names, so that it does not lose its last name meanwhile; what is done with it is not.
 */
final class Contents {
  private static final Logger LOG = LoggerFactory.getLogger(Contents.class);

  private final String volume;
  private final int tree;
  private final Lock names;
  private final OpenFiles open;
  private final Charge charge;
  private final StoreSettings settings;
  private final BackingFile.Opener files;
  private final ThreadLocal<Scratch> scratches;

  Contents(
      String volume,
      int tree,
      Lock names,
      OpenFiles open,
      Charge charge,
      StoreSettings settings,
      BackingFile.Opener files,
      ThreadLocal<Scratch> scratches) {
    this.volume = volume;
    this.tree = tree;
    this.names = names;
    this.open = open;
    this.charge = charge;
    this.settings = settings;
    this.files = files;
    this.scratches = scratches;
  }

  /** What to do with an open file. */
  private interface Use {
    int on(OpenFile file);
  }

  private int with(String path, long id, Use use) {
    OpenFile file = id == 0 ? null : open.take(id);
    if (file == null) {
      OpenFile[] opened = new OpenFile[1];
      names.lock();
      try {
        int result = open.isClosed() ? -Errno.ESTALE : open(path, id, opened);
        if (result < 0) {
          return result;
        }
      } finally {
        names.unlock();
      }
      file = opened[0];
      open.trim();
    }
    try {
      file.content.path(path);
      return use.on(file);
    } finally {
      open.give(file);
    }
  }

  private int open(String path, long id, OpenFile[] out) {
    int flags = LinuxFiles.O_NONBLOCK | LinuxFiles.O_NOFOLLOW; // no waiting for FIFOs
    String relative = VolumeNames.relative(path);
    int fd = LinuxFiles.open(tree, relative, flags | LinuxFiles.O_RDWR, 0);
    boolean readOnly = fd == -Errno.EROFS;
    fd = readOnly ? LinuxFiles.open(tree, relative, flags, 0) : fd;
    if (fd < 0) {
      return id != 0 && VolumeNames.isNothing(fd) ? -Errno.ESTALE : fd;
    }
    LinuxFiles.Status status = LinuxFiles.status(fd);
    int result = 0;
    if (status == null || (status.mode() & FileAttributes.TYPE_MASK) != FileAttributes.REGULAR) {
      result = -Errno.EINVAL;
    } else if (id != 0 && id != FileIds.of(fd, status)) {
      result = -Errno.ESTALE;
    }
    if (result < 0) {
      FileDescriptor.close(fd);
      return result;
    }
    BackingFile backing = files.open(fd, readOnly);
    CheckedFile content = new CheckedFile(backing, volume, scratches, settings.readAheadBytes());
    long found = FileIds.of(fd, status);
    out[0] = open.add(new OpenFile(found, status.inode(), fd, readOnly, content));
    if (out[0] != null) {
      return 0;
    }
    Complaints complaints = new Complaints(volume);
    complaints.path(path);
    return complaints.bad(0, "another file has the same attribute " + FileIds.NAME);
  }

  int read(String path, long id, long offset, MemorySegment into) {
    return with(path, id, file -> file.content.read(offset, into));
  }

  /** As {@link #read}, of a file that is open, from memory; -EAGAIN otherwise. */
  int readNow(String path, long id, long offset, MemorySegment into) {
    OpenFile file = id == 0 ? null : open.take(id);
    if (file == null) {
      return -Errno.EAGAIN;
    }
    try {
      file.content.path(path);
      return file.content.readNow(offset, into);
    } finally {
      open.give(file);
    }
  }

  /** As {@link Volume#fetch}, of a file that is open: the blocks, then their checksums. */
  boolean fetch(long id, long offset, int lengthBytes, int attempt, Volume.Fetcher fetcher) {
    OpenFile file = open.take(id);
    if (file == null) {
      return false;
    }
    try {
      return file.content.isFetchable(offset, lengthBytes)
          && switch (attempt) {
            case 0 -> fetcher.fetch(file.fd, CheckedLayout.backing(offset), lengthBytes);
            case 1 -> fetcher.fetch(file.fd, CheckedLayout.entries(offset), CheckedLayout.BLOCK);
            default -> false;
          };
    } finally {
      open.give(file);
    }
  }

  int write(String path, long id, long offset, MemorySegment from) {
    if (offset < 0) {
      return -Errno.EINVAL;
    }
    if (offset > CheckedLayout.SIZE_MAX - from.byteSize()) {
      return -Errno.EFBIG;
    }
    long end = offset + from.byteSize();
    return with(path, id, file -> growing(file, end, () -> file.content.write(offset, from)));
  }

  /** A change of a file's content that may change its length. */
  private interface Growth {
    int run();
  }

  /** One at a time for a file, so that its length is charged right. */
  private int growing(OpenFile file, long sizeBytes, Growth growth) {
    synchronized (file) {
      if (file.removed) {
        return -Errno.ESTALE;
      }
      long before = file.content.size();
      long after = Math.max(before, sizeBytes);
      if (!charge.change(before, after)) {
        return -Errno.ENOSPC;
      }
      file.changing();
      int result = growth.run();
      charge.change(after, file.content.size());
      return result;
    }
  }

  int setSize(String path, long id, long sizeBytes) {
    if (sizeBytes < 0 || sizeBytes > CheckedLayout.SIZE_MAX) {
      return sizeBytes < 0 ? -Errno.EINVAL : -Errno.EFBIG;
    }
    return with(path, id, file -> growing(file, sizeBytes, () -> file.content.setSize(sizeBytes)));
  }

  /** The file at an O_PATH descriptor has lost its last name. */
  void removed(int fd, LinuxFiles.Status status, long id) {
    OpenFile file = open.forget(id, status.inode());
    if (file == null) {
      LinuxFiles.Status last = LinuxFiles.status(fd);
      long size = last == null ? status.sizeBytes() : last.sizeBytes();
      charge.change(CheckedLayout.contentSize(size), 0);
      return;
    }
    synchronized (file) {
      file.removed = true;
      charge.change(file.content.size(), 0);
    }
    open.give(file);
  }

  int sync(String path, long id, boolean dataOnly) {
    int result = with(path, id, file -> open.sync(file, dataOnly));
    result = result == -Errno.EISDIR ? syncDirectory(path, id) : result;
    if (result == -Errno.EIO || result == -Errno.ENOSPC || result == -Errno.EDQUOT) {
      LOG.error("fsync of {}:{}: {}", volume, path, Errno.text(result));
    }
    return result;
  }

  /** What Linux is given to write, it reports at the next sync, as what it writes by itself. */
  int startWriteOut(String path, long id) {
    return with(
        path,
        id,
        file -> {
          file.content.startWriteOut();
          return 0;
        });
  }

  private int syncDirectory(String path, long id) {
    int flags = LinuxFiles.O_RDONLY | LinuxFiles.O_DIRECTORY;
    int fd;
    names.lock();
    try {
      fd = LinuxFiles.open(tree, VolumeNames.relative(path), flags, 0);
    } finally {
      names.unlock();
    }
    if (fd < 0) {
      return fd;
    }
    LinuxFiles.Status status = LinuxFiles.status(fd);
    boolean other = id != 0 && (status == null || FileIds.of(fd, status) != id);
    int result = other ? -Errno.ESTALE : LinuxFiles.sync(fd, false);
    FileDescriptor.close(fd);
    return result;
  }

  int allocate(String path, long id, int flags, long offset, long lengthBytes) {
    boolean punch = flags == (Volume.ALLOCATE_KEEP_SIZE | Volume.ALLOCATE_PUNCH_HOLE);
    if (!punch && flags != 0 && flags != Volume.ALLOCATE_KEEP_SIZE) {
      return -Errno.EOPNOTSUPP;
    }
    if (offset < 0 || lengthBytes <= 0) {
      return -Errno.EINVAL;
    }
    if (punch) {
      return with(path, id, file -> punch(file, offset, lengthBytes));
    }
    if (offset > CheckedLayout.SIZE_MAX - lengthBytes) {
      return -Errno.EFBIG;
    }
    return with(
        path,
        id,
        file -> flags == 0 ? extend(file, offset, lengthBytes) : keep(file, offset, lengthBytes));
  }

  private static int punch(OpenFile file, long offset, long lengthBytes) {
    file.changing();
    return file.content.punch(offset, lengthBytes);
  }

  private int extend(OpenFile file, long offset, long lengthBytes) {
    long end = offset + lengthBytes;
    return growing(file, end, () -> file.content.reserve(offset, lengthBytes, false));
  }

  /** What would lie behind the end is not reserved where there is a quota, which counts lengths. */
  private int keep(OpenFile file, long offset, long lengthBytes) {
    synchronized (file) {
      long most = charge.quotaBytes() == 0 ? Long.MAX_VALUE : file.content.size() - offset;
      long length = Math.min(lengthBytes, most);
      return length <= 0 ? 0 : file.content.reserve(offset, length, true);
    }
  }
}
