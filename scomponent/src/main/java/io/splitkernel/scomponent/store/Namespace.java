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
  private final Contents contents;
  private long made;

  /** A file that is to be made: its id, type and permissions, and owner. */
  record Newcomer(long id, int mode, int uid, int gid) {
    int type() {
      return mode & FileAttributes.TYPE_MASK;
    }
  }

  Namespace(int tree, int temporary, OpenFiles open, Contents contents) {
    this.tree = tree;
    this.temporary = temporary;
    this.open = open;
    this.contents = contents;
  }

  private FoundFile find(String path) {
    return FoundFile.at(tree, path);
  }

  private int parent(String path) {
    int flags = LinuxFiles.O_PATH | LinuxFiles.O_DIRECTORY;
    return LinuxFiles.open(tree, VolumeNames.parent(path), flags, 0);
  }

  int lookup(String path, long id, FileAttributes out) {
    try (FoundFile found = FoundFile.at(tree, path, id, open)) {
      return found.isError() ? found.fd() : found.fill(out);
    }
  }

  int create(String path, Newcomer file, int flags, FileAttributes out) {
    boolean there;
    try (FoundFile found = find(path)) {
      there = !found.isError();
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
    result = setOwner(fd, file);
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

  /** All files of a component that may not give any away are its own, as on a FAT file system. */
  private static int setOwner(int fd, Newcomer file) {
    int result = LinuxFiles.setOwner(fd, file.uid(), file.gid());
    if (result != -Errno.EPERM) {
      return result;
    }
    LinuxFiles.setOwner(fd, -1, file.gid()); // a group of its own user's is possible
    return 0;
  }

  /** Something is there already: fine when an earlier attempt has made it. */
  private int sameAsThere(String path, Newcomer file, String linkTarget, FileAttributes out) {
    try (FoundFile found = find(path)) {
      if (found.isError()) {
        return -Errno.EEXIST;
      }
      boolean same = found.is(file.type()) && found.id() == file.id();
      if (linkTarget != null && found.is(FileAttributes.SYMLINK)) {
        same = linkTarget.equals(targetOf(path));
      }
      return same ? found.fill(out) : -Errno.EEXIST;
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
    if (path.equals("/")) {
      return -Errno.EPERM;
    }
    try (FoundFile found = find(path);
        FoundFile there = find(target)) {
      if (!there.isError()) {
        boolean known = id == 0 && !found.isError();
        boolean same = there.id() == (known ? found.id() : id);
        return same ? there.fill(out) : -Errno.EEXIST;
      }
      if (found.isError() || (id != 0 && found.id() != id)) {
        return found.isError() ? found.fd() : -Errno.ESTALE;
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
    return path.equals("/") ? -Errno.EISDIR : remove(path, id, retry, 0);
  }

  int removeDirectory(String path, long id, boolean retry) {
    return path.equals("/") ? -Errno.EBUSY : remove(path, id, retry, LinuxFiles.AT_REMOVEDIR);
  }

  private int remove(String path, long id, boolean retry, int flags) {
    try (FoundFile found = find(path)) {
      boolean repeated = retry && id != 0;
      if (found.isError()) {
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
  private void lostName(FoundFile file) {
    if (file.is(FileAttributes.REGULAR) && file.status().links() == 1) {
      contents.removed(file.fd(), file.status(), file.id());
    }
  }

  int rename(String path, long id, String target, int flags, boolean retry) {
    if (path.equals("/") || target.equals("/")) {
      return -Errno.EBUSY;
    }
    if (flags != 0 && flags != Volume.RENAME_NOREPLACE && flags != Volume.RENAME_EXCHANGE) {
      return -Errno.EINVAL;
    }
    try (FoundFile found = find(path);
        FoundFile there = find(target)) {
      boolean wrong = found.isError() || (id != 0 && found.id() != id);
      if (wrong) {
        boolean done = retry && id != 0 && !there.isError() && there.id() == id;
        return done ? 0 : found.isError() ? found.fd() : -Errno.ESTALE;
      }
      int result =
          between(
              path,
              target,
              (from, leaf, to, name) -> LinuxFiles.rename(from, leaf, to, name, flags));
      boolean other = !there.isError() && there.status().inode() != found.status().inode();
      if (result == 0 && flags == 0 && other) {
        lostName(there);
      }
      return result;
    }
  }

  int change(String path, long id, AttributeChange change, FileAttributes out) {
    try (FoundFile found = FoundFile.at(tree, path, id, open)) {
      if (found.isError()) {
        return found.fd();
      }
      int result = AttributeSetter.change(found, change, contents, path);
      return result < 0 ? result : found.refilled(out);
    }
  }
}
