package io.splitkernel.scomponent.store;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.LinuxFiles;
import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.FileAttributes;

/** Changes attributes of a file, all or none: owner and mode are put back when the rest fails. */
final class AttributeSetter {
  private static final int PERMISSIONS = 07777;

  private AttributeSetter() {}

  static int change(FoundFile file, AttributeChange change, Contents contents, String path) {
    if (change.has(AttributeChange.SIZE) && !file.is(FileAttributes.REGULAR)) {
      return file.is(FileAttributes.DIRECTORY) ? -Errno.EISDIR : -Errno.EINVAL;
    }
    if (change.has(AttributeChange.MODE) && file.is(FileAttributes.SYMLINK)) {
      return -Errno.EOPNOTSUPP;
    }
    int result = setOwner(file, change);
    if (result == 0 && change.has(AttributeChange.MODE)) {
      result = LinuxFiles.setMode(file.fd(), change.mode() & PERMISSIONS);
    }
    if (result == 0 && change.has(AttributeChange.SIZE)) {
      result = contents.setSize(path, file.id(), change.sizeBytes());
    }
    if (result < 0) {
      putBack(file, change);
      return result;
    }
    return setTimes(file, change);
  }

  private static int setOwner(FoundFile file, AttributeChange change) {
    int uid = change.has(AttributeChange.UID) ? change.uid() : -1;
    int gid = change.has(AttributeChange.GID) ? change.gid() : -1;
    return uid == -1 && gid == -1 ? 0 : LinuxFiles.setOwner(file.fd(), uid, gid);
  }

  private static void putBack(FoundFile file, AttributeChange change) {
    int owner = AttributeChange.UID | AttributeChange.GID;
    if ((change.set() & owner) != 0) {
      LinuxFiles.setOwner(file.fd(), file.status().uid(), file.status().gid());
    }
    if ((change.set() & (owner | AttributeChange.MODE)) != 0 && !file.is(FileAttributes.SYMLINK)) {
      LinuxFiles.setMode(file.fd(), file.status().mode() & PERMISSIONS);
    }
  }

  private static int setTimes(FoundFile file, AttributeChange change) {
    boolean accessed = change.has(AttributeChange.ACCESSED);
    boolean modified = change.has(AttributeChange.MODIFIED);
    return !accessed && !modified
        ? 0
        : LinuxFiles.setTimes(
            file.fd(),
            accessed ? change.accessedNs() : LinuxFiles.TIME_OMIT,
            modified ? change.modifiedNs() : LinuxFiles.TIME_OMIT);
  }
}
