package io.splitkernel.scomponent.store;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.LinuxFiles;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.scomponent.store.OpenFiles.OpenFile;

/** What is at a path: a descriptor, of which it is not said what it allows, or an error. */
final class FoundFile implements AutoCloseable {
  private final int fd;
  private final LinuxFiles.Status status;
  private final long id;
  private final OpenFiles open;
  private final OpenFile file;

  private FoundFile(int fd, LinuxFiles.Status status, long id, OpenFiles open, OpenFile file) {
    this.fd = fd;
    this.status = status;
    this.id = id;
    this.open = open;
    this.file = file;
  }

  /** Looks, and follows nothing. */
  static FoundFile at(int tree, String path) {
    int flags = LinuxFiles.O_PATH | LinuxFiles.O_NOFOLLOW;
    int fd = LinuxFiles.open(tree, VolumeNames.relative(path), flags, 0);
    if (fd < 0) {
      return error(fd);
    }
    LinuxFiles.Status status = LinuxFiles.status(fd);
    if (status == null) {
      FileDescriptor.close(fd);
      return error(-Errno.EIO);
    }
    return new FoundFile(fd, status, FileIds.of(fd, status), null, null);
  }

  /** Looks for a file with an id, at the path and then among the open ones. */
  static FoundFile at(int tree, String path, long id, OpenFiles open) {
    FoundFile found = at(tree, path);
    boolean other = found.isError() ? VolumeNames.isNothing(found.fd) : found.id != id;
    if (id == 0 || !other) {
      return found;
    }
    found.close();
    OpenFile file = open.take(id);
    if (file == null) {
      return error(-Errno.ESTALE);
    }
    LinuxFiles.Status status = LinuxFiles.status(file.fd);
    if (status == null) {
      open.give(file);
      return error(-Errno.EIO);
    }
    return new FoundFile(file.fd, status, id, open, file);
  }

  private static FoundFile error(int error) {
    return new FoundFile(error, null, 0, null, null);
  }

  boolean isError() {
    return fd < 0;
  }

  /** The descriptor, or the error. */
  int fd() {
    return fd;
  }

  LinuxFiles.Status status() {
    return status;
  }

  long id() {
    return id;
  }

  boolean is(int type) {
    return (status.mode() & FileAttributes.TYPE_MASK) == type;
  }

  /** Its attributes as they were found. */
  int fill(FileAttributes out) {
    fill(status, out);
    return 0;
  }

  /** Its attributes as they are now. */
  int refilled(FileAttributes out) {
    LinuxFiles.Status now = LinuxFiles.status(fd);
    fill(now == null ? status : now, out);
    return now == null ? -Errno.EIO : 0;
  }

  private void fill(LinuxFiles.Status s, FileAttributes out) {
    out.id = id;
    out.mode = s.mode();
    out.links = (int) s.links();
    out.uid = s.uid();
    out.gid = s.gid();
    out.device = s.device();
    boolean regular = is(FileAttributes.REGULAR);
    out.sizeBytes = regular ? CheckedLayout.contentSize(s.sizeBytes()) : s.sizeBytes();
    out.allocatedBytes = s.allocatedBytes();
    out.accessedNs = s.accessedNs();
    out.modifiedNs = s.modifiedNs();
    out.changedNs = s.changedNs();
  }

  @Override
  public void close() {
    if (file != null) {
      open.give(file);
    } else if (fd >= 0) {
      FileDescriptor.close(fd);
    }
  }
}
