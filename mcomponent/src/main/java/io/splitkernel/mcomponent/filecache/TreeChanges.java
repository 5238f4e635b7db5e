package io.splitkernel.mcomponent.filecache;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;

/** Names of files: creations, links and removals. See {@link Renames} for the rest. */
final class TreeChanges {
  private static final int TRIES = 64;

  private final Core core;
  private final WriteBack writeBack;
  private final SizeChanges sizes;

  TreeChanges(Core core, WriteBack writeBack, SizeChanges sizes) {
    this.core = core;
    this.writeBack = writeBack;
    this.sizes = sizes;
  }

  int lookup(String path, long id, FileAttributes out) {
    int result = core.upstream.lookup(path, id, out);
    if (result == 0) {
      core.merge(out);
    }
    return result;
  }

  int create(String path, long newId, int flags, int mode, int uid, int gid, FileAttributes out) {
    int kept = flags & ~Volume.CREATE_TRUNCATE;
    int result = core.upstream.create(path, newId, kept, mode, uid, gid, out);
    if (result < 0) {
      return result;
    }
    core.merge(out);
    boolean cut = (flags & Volume.CREATE_TRUNCATE) != 0 && out.is(FileAttributes.REGULAR);
    if (!cut || (out.id == newId && out.sizeBytes == 0)) {
      return 0;
    }
    return sizes.change(path, out.id, AttributeChange.size(0), out);
  }

  int link(String path, long id, String target, FileAttributes out) {
    for (int tries = 0; tries < TRIES; tries++) {
      core.paths.readLock().lock();
      try {
        long wanted = idOf(path, id);
        CachedFile file = wanted == 0 ? null : core.table.add(wanted);
        if (file == null) {
          return core.upstream.link(path, id, target, out);
        }
        int result = link(file, path, target, out);
        boolean moved = id == 0 && result == -Errno.ESTALE && !core.upstream.lost();
        if (result != Core.AGAIN && !moved) {
          return result;
        }
      } finally {
        core.paths.readLock().unlock();
      }
    }
    return -Errno.EAGAIN;
  }

  private int link(CachedFile file, String path, String target, FileAttributes out) {
    file.io.writeLock().lock();
    try {
      if (file.removed) {
        return Core.AGAIN;
      }
      int result = core.upstream.link(path, file.id, target, out);
      long stamp = file.state.writeLock();
      try {
        if (result == 0 && file.loaded) {
          file.links = out.links;
          file.changedNs = Math.max(file.changedNs, out.changedNs);
        } else if (result < 0 && file.loaded) {
          // It may have happened: a file with more names is only treated with more care.
          file.links++;
        }
      } finally {
        file.state.unlockWrite(stamp);
      }
      core.removeUnloaded(file);
      core.merge(out);
      return result;
    } finally {
      file.io.writeLock().unlock();
    }
  }

  int unlink(String path, long id, boolean retry) {
    for (int tries = 0; tries < TRIES; tries++) {
      core.paths.readLock().lock();
      try {
        long wanted = idOf(path, id);
        CachedFile file = wanted == 0 ? null : core.table.add(wanted);
        if (file == null) {
          return core.upstream.unlink(path, id, retry);
        }
        int result = unlink(file, path, id, retry);
        boolean moved = id == 0 && result == -Errno.ESTALE && !core.upstream.lost();
        if (result != Core.AGAIN && !moved) {
          return result;
        }
      } finally {
        core.paths.readLock().unlock();
      }
    }
    return -Errno.EAGAIN;
  }

  private int unlink(CachedFile file, String path, long id, boolean retry) {
    file.io.writeLock().lock();
    try {
      if (file.removed) {
        return Core.AGAIN;
      }
      boolean shared = core.isLoaded(file) && file.links > 1;
      boolean known = path.equals(file.path);
      if (shared && known) {
        int result = detach(core, writeBack, file);
        if (result < 0) {
          core.table.setPath(file, path);
          return result;
        }
      }
      int result = core.upstream.unlink(path, file.id, retry && id != 0);
      if (result < 0) {
        if (shared && known) {
          core.table.setPath(file, path);
        }
        core.removeUnloaded(file);
      } else if (known || !isStillAt(file, file.path)) {
        core.forget(file);
      }
      return result;
    } finally {
      file.io.writeLock().unlock();
    }
  }

  private boolean isStillAt(CachedFile file, String path) {
    FileAttributes found = new FileAttributes();
    return path != null && core.upstream.lookup(path, 0, found) == 0 && found.id == file.id;
  }

  /**
   * Makes sure that a file that has further names loses nothing with its known path: from here on
   * nothing is cached for writing, and all that was goes upstream.
   */
  static int detach(Core core, WriteBack writeBack, CachedFile file) {
    long stamp = file.state.writeLock();
    core.table.setPath(file, null);
    file.state.unlockWrite(stamp);
    int result = writeBack.flush(file);
    return result == 0 ? writeBack.pushTimes(file) : result;
  }

  /** The id of the regular file at a path; 0 when it is none, or not there. */
  private long idOf(String path, long id) {
    if (id != 0) {
      return id;
    }
    CachedFile file = core.table.find(path, 0);
    if (file != null) {
      return file.id;
    }
    FileAttributes found = new FileAttributes();
    boolean regular = core.upstream.lookup(path, 0, found) == 0 && found.is(FileAttributes.REGULAR);
    return regular ? found.id : 0;
  }
}
