package io.splitkernel.mcomponent.filecache;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import java.util.ArrayList;
import java.util.List;

/**
 * Renames. Nobody names a file to the upstream volume meanwhile, so that nothing fails because its
 * path has just changed; reads and writes of cached bytes go on.
 */
final class Renames {
  private final Core core;
  private final WriteBack writeBack;

  Renames(Core core, WriteBack writeBack) {
    this.core = core;
    this.writeBack = writeBack;
  }

  int rename(String path, long id, String target, int flags, boolean retry) {
    core.paths.writeLock().lock();
    try {
      if (path.equals(target)) {
        return core.upstream.rename(path, id, target, flags, retry);
      }
      boolean sure = id == 0 ? !retry : leadsTo(path, id);
      return sure ? plain(path, id, target, flags, retry) : careful(path, id, target, flags, retry);
    } finally {
      core.paths.writeLock().unlock();
    }
  }

  /** It is not known what the names stand for, so nothing is kept for them. */
  private int careful(String path, long id, String target, int flags, boolean retry) {
    List<CachedFile> files = core.table.all();
    for (CachedFile file : files) {
      int result = file.removed ? 0 : TreeChanges.detach(core, writeBack, file);
      if (result < 0 && result != -Errno.ESTALE) {
        restore(files);
        return result;
      }
    }
    int result = core.upstream.rename(path, id, target, flags, retry);
    for (CachedFile file : files) {
      forgetClean(file);
    }
    return result;
  }

  private boolean leadsTo(String path, long id) {
    CachedFile source = core.table.find(path, 0);
    if (source != null) {
      return source.id == id;
    }
    FileAttributes found = new FileAttributes();
    return core.upstream.lookup(path, 0, found) == 0 && found.id == id;
  }

  private int plain(String path, long id, String target, int flags, boolean retry) {
    boolean exchange = flags == Volume.RENAME_EXCHANGE;
    List<CachedFile> moving = core.table.beneath(path);
    List<CachedFile> others = exchange ? core.table.beneath(target) : List.of();
    CachedFile replaced = exchange ? null : core.table.find(target, 0);
    boolean shared = replaced != null && core.isLoaded(replaced) && replaced.links > 1;
    if (shared) {
      int result = TreeChanges.detach(core, writeBack, replaced);
      if (result < 0) {
        core.table.setPath(replaced, target);
        return result;
      }
    }
    int result = core.upstream.rename(path, id, target, flags, retry);
    if (result < 0) {
      if (shared) {
        core.table.setPath(replaced, target);
      }
      if (!isCertain(result)) {
        settle(moving, path, target);
        settle(others, target, path);
      }
      return result;
    }
    if (exchange) {
      core.table.exchange(new ArrayList<>(moving), path, new ArrayList<>(others), target);
      return 0;
    }
    if (replaced != null) {
      core.forget(replaced);
    }
    core.table.move(moving, path, target);
    return 0;
  }

  /** Errors that leave everything as it was. */
  private static boolean isCertain(int result) {
    return switch (-result) {
      case Errno.ENOENT,
          Errno.EEXIST,
          Errno.ENOTEMPTY,
          Errno.EISDIR,
          Errno.ENOTDIR,
          Errno.EINVAL,
          Errno.EXDEV,
          Errno.EPERM,
          Errno.EACCES,
          Errno.EROFS,
          Errno.ENOSPC,
          Errno.ENAMETOOLONG,
          Errno.ELOOP ->
          true;
      default -> false;
    };
  }

  /** Finds out where files are after a rename with an unknown outcome. */
  private void settle(List<CachedFile> files, String from, String to) {
    FileAttributes found = new FileAttributes();
    for (CachedFile file : files) {
      String path = file.path;
      if (forgetClean(file) || path == null) {
        continue;
      }
      if (core.upstream.lookup(path, 0, found) != 0 || found.id != file.id) {
        String other = to + path.substring(from.length());
        if (core.upstream.lookup(other, 0, found) == 0 && found.id == file.id) {
          core.table.setPath(file, other);
        }
      }
    }
  }

  private void restore(List<CachedFile> files) {
    for (CachedFile file : files) {
      if (!file.removed && file.path == null) {
        core.table.setPath(file, file.lastPath);
      }
    }
  }

  /** Forgets a file, unless something of it is only here. */
  private boolean forgetClean(CachedFile file) {
    long stamp = file.state.writeLock();
    try {
      if (file.removed || !file.dirty.isEmpty() || file.timesDirty || file.error != 0) {
        return file.removed;
      }
      core.dirt.discardAll(file);
      file.loaded = false;
      core.table.remove(file);
      return true;
    } finally {
      file.state.unlockWrite(stamp);
    }
  }
}
