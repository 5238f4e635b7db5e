package io.splitkernel.scomponent.store;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.LinuxFiles;
import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.ByteSink;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Names and attributes of a volume's files. The callers hold the volume's lock of names: for
 * changes of names the exclusive one.
 */
final class Namespace {
  private static final int PERMISSIONS = 07777;

  private final int tree;
  private final int temporary;
  private final OpenFiles open;
  private final Charge charge;
  private final Contents contents;
  private long made;

  /** A file that is to be made: its id, type and permissions, and owner. */
  record Newcomer(long id, int mode, int uid, int gid) {
    int type() {
      return mode & FileAttributes.TYPE_MASK;
    }
  }

  /** What is at a path: an O_PATH descriptor, to be closed, or an error. */
  private record Found(int fd, LinuxFiles.Status status, long id) implements AutoCloseable {
    boolean is(int type) {
      return (status.mode() & FileAttributes.TYPE_MASK) == type;
    }

    @Override
    public void close() {
      if (fd >= 0) {
        FileDescriptor.close(fd);
      }
    }
  }

  Namespace(int tree, int temporary, OpenFiles open, Charge charge, Contents contents) {
    this.tree = tree;
    this.temporary = temporary;
    this.open = open;
    this.charge = charge;
    this.contents = contents;
  }

  private Found find(String path) {
    int flags = LinuxFiles.O_PATH | LinuxFiles.O_NOFOLLOW;
    int fd = LinuxFiles.open(tree, VolumeNames.relative(path), flags, 0);
    if (fd < 0) {
      return new Found(fd, null, 0);
    }
    LinuxFiles.Status status = LinuxFiles.status(fd);
    if (status == null) {
      FileDescriptor.close(fd);
      return new Found(-Errno.EIO, null, 0);
    }
    return new Found(fd, status, FileIds.of(fd, status));
  }

  private int parent(String path) {
    int flags = LinuxFiles.O_PATH | LinuxFiles.O_DIRECTORY;
    return LinuxFiles.open(tree, VolumeNames.parent(path), flags, 0);
  }

  private static int fill(Found found, FileAttributes out) {
    LinuxFiles.Status s = found.status();
    out.id = found.id();
    out.mode = s.mode();
    out.links = (int) s.links();
    out.uid = s.uid();
    out.gid = s.gid();
    out.device = s.device();
    boolean regular = found.is(FileAttributes.REGULAR);
    out.sizeBytes = regular ? CheckedLayout.contentSize(s.sizeBytes()) : s.sizeBytes();
    out.allocatedBytes = s.allocatedBytes();
    out.accessedNs = s.accessedNs();
    out.modifiedNs = s.modifiedNs();
    out.changedNs = s.changedNs();
    return 0;
  }

  int lookup(String path, long id, FileAttributes out) {
    try (Found found = find(path)) {
      if (found.fd() < 0) {
        return found.fd();
      }
      return id != 0 && id != found.id() ? -Errno.ESTALE : fill(found, out);
    }
  }

  int create(String path, Newcomer file, int flags, FileAttributes out) {
    boolean there;
    try (Found found = find(path)) {
      there = found.fd() >= 0;
      if (!there && found.fd() != -Errno.ENOENT) {
        return found.fd();
      }
      if (there && found.id() != file.id()) {
        if ((flags & Volume.CREATE_EXCLUSIVE) != 0) {
          return -Errno.EEXIST;
        }
        if (!found.is(FileAttributes.REGULAR)) {
          boolean directory = found.is(FileAttributes.DIRECTORY);
          boolean link = found.is(FileAttributes.SYMLINK);
          return directory ? -Errno.EISDIR : link ? -Errno.ELOOP : -Errno.EEXIST;
        }
      }
    }
    if (!there) {
      return make(path, file, null, out);
    }
    int result = (flags & Volume.CREATE_TRUNCATE) == 0 ? 0 : contents.setSize(path, 0, 0);
    return result < 0 ? result : lookup(path, 0, out);
  }

  /** Makes it under another name, complete, and then gives it its own. */
  int make(String path, Newcomer file, String linkTarget, FileAttributes out) {
    if (path.equals("/")) {
      return -Errno.EEXIST;
    }
    int parent = parent(path);
    if (parent < 0) {
      return parent;
    }
    String name = Long.toHexString(file.id()) + "-" + ++made;
    try {
      int result = makeTemporary(name, file, linkTarget);
      if (result == 0) {
        String leaf = VolumeNames.leaf(path);
        int flags = LinuxFiles.RENAME_NOREPLACE;
        result = LinuxFiles.rename(temporary, name, parent, leaf, flags);
      }
      if (result < 0) {
        boolean directory = file.type() == FileAttributes.DIRECTORY;
        LinuxFiles.unlink(temporary, name, directory ? LinuxFiles.AT_REMOVEDIR : 0);
      }
      if (result == -Errno.EEXIST) {
        return sameAsThere(path, file, linkTarget, out);
      }
      return result < 0 ? result : lookup(path, 0, out);
    } finally {
      FileDescriptor.close(parent);
    }
  }

  private int makeTemporary(String name, Newcomer file, String linkTarget) {
    int result =
        switch (file.type()) {
          case FileAttributes.SYMLINK -> LinuxFiles.makeSymlink(linkTarget, temporary, name);
          case FileAttributes.DIRECTORY -> LinuxFiles.makeDirectory(temporary, name, 0700);
          default -> LinuxFiles.makeNode(temporary, name, file.type() | 0600, 0);
        };
    if (result < 0) {
      return result;
    }
    int fd = LinuxFiles.open(temporary, name, LinuxFiles.O_PATH | LinuxFiles.O_NOFOLLOW, 0);
    if (fd < 0) {
      return fd;
    }
    result = LinuxFiles.setOwner(fd, file.uid(), file.gid());
    if (result == 0 && file.type() != FileAttributes.SYMLINK) {
      result = LinuxFiles.setMode(fd, file.mode() & PERMISSIONS);
    }
    boolean hasId =
        file.type() == FileAttributes.REGULAR || file.type() == FileAttributes.DIRECTORY;
    if (result == 0 && hasId) {
      result = FileIds.set(fd, file.id());
    }
    FileDescriptor.close(fd);
    return result;
  }

  /** Something is there already: fine when an earlier attempt has made it. */
  private int sameAsThere(String path, Newcomer file, String linkTarget, FileAttributes out) {
    try (Found found = find(path)) {
      if (found.fd() < 0) {
        return -Errno.EEXIST;
      }
      boolean same = found.is(file.type()) && found.id() == file.id();
      if (linkTarget != null && found.is(FileAttributes.SYMLINK)) {
        same = linkTarget.equals(targetOf(path));
      }
      return same ? fill(found, out) : -Errno.EEXIST;
    }
  }

  private String targetOf(String path) {
    StringBuilder target = new StringBuilder();
    int length = readLink(path, bytes -> target.append(bytesToText(bytes)));
    return length < 0 ? "" : target.toString();
  }

  private static String bytesToText(MemorySegment bytes) {
    byte[] array = bytes.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    return new String(array, java.nio.charset.StandardCharsets.UTF_8);
  }

  int readLink(String path, ByteSink out) {
    if (path.equals("/")) {
      return -Errno.EINVAL;
    }
    int parent = parent(path);
    if (parent < 0) {
      return parent;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment target = arena.allocate(Volume.PATH_BYTES_MAX + 1L);
      int length = LinuxFiles.readLink(parent, VolumeNames.leaf(path), target);
      if (length >= 0) {
        out.accept(target.asSlice(0, length));
      }
      return length;
    } finally {
      FileDescriptor.close(parent);
    }
  }

  int link(String path, long id, String target, FileAttributes out) {
    try (Found found = find(path);
        Found there = find(target)) {
      if (there.fd() >= 0) {
        boolean same = found.fd() < 0 ? there.id() == id : there.id() == found.id();
        return same ? fill(there, out) : -Errno.EEXIST;
      }
      if (found.fd() < 0 || (id != 0 && found.id() != id)) {
        return found.fd() < 0 ? found.fd() : -Errno.ESTALE;
      }
    }
    int result =
        between(path, target, (from, leaf, to, name) -> LinuxFiles.link(from, leaf, to, name));
    return result < 0 ? result : lookup(target, 0, out);
  }

  /** A call with two names. */
  private interface TwoNames {
    int call(int from, String name, int to, String target);
  }

  private int between(String path, String target, TwoNames call) {
    int from = parent(path);
    int to = from < 0 ? from : parent(target);
    int result = to;
    if (to >= 0) {
      result = call.call(from, VolumeNames.leaf(path), to, VolumeNames.leaf(target));
      FileDescriptor.close(to);
    }
    if (from >= 0) {
      FileDescriptor.close(from);
    }
    return result;
  }

  int unlink(String path, long id, boolean retry) {
    return remove(path, id, retry, 0);
  }

  int removeDirectory(String path, long id, boolean retry) {
    return path.equals("/") ? -Errno.EBUSY : remove(path, id, retry, LinuxFiles.AT_REMOVEDIR);
  }

  private int remove(String path, long id, boolean retry, int flags) {
    try (Found found = find(path)) {
      boolean repeated = retry && id != 0;
      if (found.fd() < 0) {
        return repeated && found.fd() == -Errno.ENOENT ? 0 : found.fd();
      }
      if (id != 0 && found.id() != id) {
        return repeated ? 0 : -Errno.ESTALE;
      }
      int parent = parent(path);
      if (parent < 0) {
        return parent;
      }
      int result = LinuxFiles.unlink(parent, VolumeNames.leaf(path), flags);
      FileDescriptor.close(parent);
      if (result == 0) {
        lostName(found);
      }
      return result;
    }
  }

  /** Frees what belongs to a file when this was its last name. */
  private void lostName(Found file) {
    if (file.is(FileAttributes.REGULAR) && file.status().links() == 1) {
      LinuxFiles.Status last = LinuxFiles.status(file.fd());
      long size = last == null ? file.status().sizeBytes() : last.sizeBytes();
      charge.change(CheckedLayout.contentSize(size), 0);
      open.forget(file.id());
    }
  }

  int rename(String path, long id, String target, int flags, boolean retry) {
    if (path.equals("/") || target.equals("/")) {
      return -Errno.EBUSY;
    }
    try (Found found = find(path);
        Found there = find(target)) {
      boolean wrong = found.fd() < 0 || (id != 0 && found.id() != id);
      if (wrong) {
        boolean done = retry && id != 0 && there.fd() >= 0 && there.id() == id;
        return done ? 0 : found.fd() < 0 ? found.fd() : -Errno.ESTALE;
      }
      int result =
          between(
              path,
              target,
              (from, leaf, to, name) -> LinuxFiles.rename(from, leaf, to, name, flags));
      boolean replaced = there.fd() >= 0 && flags == 0 && there.id() != found.id();
      if (result == 0 && replaced) {
        lostName(there);
      }
      return result;
    }
  }

  int change(String path, long id, AttributeChange change, FileAttributes out) {
    try (Found found = find(path)) {
      if (found.fd() < 0 || (id != 0 && found.id() != id)) {
        return found.fd() < 0 ? found.fd() : -Errno.ESTALE;
      }
      int result = 0;
      if (change.has(AttributeChange.SIZE)) {
        boolean directory = found.is(FileAttributes.DIRECTORY);
        result = directory ? -Errno.EISDIR : contents.setSize(path, id, change.sizeBytes());
      }
      if (result == 0 && (change.set() & (AttributeChange.UID | AttributeChange.GID)) != 0) {
        int uid = change.has(AttributeChange.UID) ? change.uid() : -1;
        int gid = change.has(AttributeChange.GID) ? change.gid() : -1;
        result = LinuxFiles.setOwner(found.fd(), uid, gid);
      }
      if (result == 0 && change.has(AttributeChange.MODE)) {
        boolean link = found.is(FileAttributes.SYMLINK);
        int mode = change.mode() & PERMISSIONS;
        result = link ? -Errno.EOPNOTSUPP : LinuxFiles.setMode(found.fd(), mode);
      }
      if (result == 0
          && (change.set() & (AttributeChange.ACCESSED | AttributeChange.MODIFIED)) != 0) {
        result = setTimes(path, change);
      }
      return result < 0 ? result : lookup(path, 0, out);
    }
  }

  private int setTimes(String path, AttributeChange change) {
    long accessed =
        change.has(AttributeChange.ACCESSED) ? change.accessedNs() : LinuxFiles.TIME_OMIT;
    long modified =
        change.has(AttributeChange.MODIFIED) ? change.modifiedNs() : LinuxFiles.TIME_OMIT;
    if (path.equals("/")) {
      return LinuxFiles.setTimes(tree, ".", accessed, modified);
    }
    int parent = parent(path);
    if (parent < 0) {
      return parent;
    }
    int result = LinuxFiles.setTimes(parent, VolumeNames.leaf(path), accessed, modified);
    FileDescriptor.close(parent);
    return result;
  }
}
