package io.splitkernel.launcher.root;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.counters.Counters;
import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.ByteSink;
import io.splitkernel.protocol.files.DirectorySink;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeSpace;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Counts the operations on a volume, and knows what was changed and not synced since, so that
 * {@link #syncAll} can make it durable. A change is noted when it has been made; so a sync that
 * runs at the same time does not hide it. Any thread. The volume stays the caller's.
 */
final class TrackedVolume implements Volume {
  private static final int SYNC_THREADS = 8;
  private static final String HIDDEN = "/" + HIDDEN_DIRECTORY;

  private final Volume volume;
  private final Counters<VolumeCounter> counters;
  private final UnsyncedPaths unsynced;
  private final SyncFailures failures = new SyncFailures();

  /**
   * @param volume to use.
   * @param counters to count in.
   * @param unsyncedMax how many files and directories may be unsynced; beyond, whoever changes one
   *     more syncs another first.
   */
  TrackedVolume(Volume volume, Counters<VolumeCounter> counters, int unsyncedMax) {
    this.volume = volume;
    this.counters = counters;
    this.unsynced = new UnsyncedPaths(unsyncedMax);
  }

  private int counted(int result) {
    counters.increment(VolumeCounter.VOLUME_REQUESTS);
    return result;
  }

  private void changed(String path, long id) {
    if (path.startsWith(HIDDEN)) {
      return; // removed while it is open: it ends with the mount
    }
    UnsyncedPaths.Change next = unsynced.onChanged(path, id);
    if (next != null) {
      syncNoted(next);
    }
  }

  private void changedIn(String path) {
    changed(path.substring(0, Math.max(1, path.lastIndexOf('/'))), UnsyncedPaths.DIRECTORY);
  }

  private void syncNoted(UnsyncedPaths.Change change) {
    int result = sync(change.path(), change.id(), false);
    if (result < 0) {
      unsynced.onSynced(change);
      boolean gone = result == -Errno.ENOENT || result == -Errno.ESTALE || result == -Errno.ENOTDIR;
      if (!gone) {
        failures.add(change.path(), result);
      }
    }
  }

  /** Another name of a file that was changed goes on: the change must not be forgotten. */
  private void syncIfLinked(String path) {
    UnsyncedPaths.Change change = unsynced.at(path);
    FileAttributes attributes = new FileAttributes();
    if (change != null
        && change.id() != UnsyncedPaths.DIRECTORY
        && volume.lookup(path, change.id(), attributes) == 0
        && attributes.links > 1) {
      syncNoted(change);
    }
  }

  /**
   * Syncs what was changed and not synced.
   *
   * @param patienceNs when something has failed, nothing else is begun later than so long after the
   *     start.
   * @return what failed, now or earlier when nobody could be told.
   */
  SyncFailures syncAll(long patienceNs) {
    long startNs = System.nanoTime();
    List<UnsyncedPaths.Change> all = unsynced.all();
    try (ExecutorService workers =
        Executors.newFixedThreadPool(Math.clamp(all.size(), 1, SYNC_THREADS))) {
      for (UnsyncedPaths.Change change : all) {
        workers.execute(() -> {
          if (failures.count() > 0 && System.nanoTime() - startNs > patienceNs) {
            failures.add(change.path(), -Errno.ETIMEDOUT);
          } else {
            syncNoted(change);
          }
        });
      }
    }
    return failures;
  }

  @Override
  public int lookup(String path, long id, FileAttributes out) {
    return counted(volume.lookup(path, id, out));
  }

  @Override
  public int create(
      String path, long newId, int flags, int mode, int uid, int gid, FileAttributes out) {
    int result = counted(volume.create(path, newId, flags, mode, uid, gid, out));
    if (result == 0) {
      changed(path, out.id);
      changedIn(path);
    }
    return result;
  }

  @Override
  public int makeDirectory(
      String path, long newId, int mode, int uid, int gid, FileAttributes out) {
    int result = counted(volume.makeDirectory(path, newId, mode, uid, gid, out));
    if (result == 0) {
      changed(path, UnsyncedPaths.DIRECTORY);
      changedIn(path);
    }
    return result;
  }

  @Override
  public int makeSymlink(String path, String target, int uid, int gid, FileAttributes out) {
    return changesDirectory(path, counted(volume.makeSymlink(path, target, uid, gid, out)));
  }

  @Override
  public int makeNode(
      String path, long newId, int mode, long device, int uid, int gid, FileAttributes out) {
    int result = counted(volume.makeNode(path, newId, mode, device, uid, gid, out));
    return changesDirectory(path, result);
  }

  @Override
  public int link(String path, long id, String target, FileAttributes out) {
    int result = counted(volume.link(path, id, target, out));
    return changesDirectory(target, result);
  }

  private int changesDirectory(String path, int result) {
    if (result == 0) {
      changedIn(path);
    }
    return result;
  }

  @Override
  public int unlink(String path, long id, boolean retry) {
    syncIfLinked(path);
    return removed(path, counted(volume.unlink(path, id, retry)));
  }

  @Override
  public int removeDirectory(String path, long id, boolean retry) {
    return removed(path, counted(volume.removeDirectory(path, id, retry)));
  }

  private int removed(String path, int result) {
    if (result == 0) {
      unsynced.onRemoved(path);
      changedIn(path);
    }
    return result;
  }

  @Override
  public int rename(String path, long id, String target, int flags, boolean retry) {
    syncIfLinked(target);
    int result = counted(volume.rename(path, id, target, flags, retry));
    if (result == 0) {
      unsynced.onRenamed(path, target, (flags & RENAME_EXCHANGE) != 0);
      changedIn(path);
      changedIn(target);
    }
    return result;
  }

  @Override
  public int readLink(String path, ByteSink out) {
    return counted(volume.readLink(path, out));
  }

  @Override
  public int change(String path, long id, AttributeChange change, FileAttributes out) {
    int result = counted(volume.change(path, id, change, out));
    if (result == 0 && out.is(FileAttributes.REGULAR)) {
      changed(path, out.id);
    } else if (result == 0 && out.is(FileAttributes.DIRECTORY)) {
      changed(path, UnsyncedPaths.DIRECTORY);
    }
    return result;
  }

  @Override
  public int readDirectory(String path, long cookie, DirectorySink out) {
    return counted(volume.readDirectory(path, cookie, out));
  }

  @Override
  public int read(String path, long id, long offset, MemorySegment into) {
    int result = counted(volume.read(path, id, offset, into));
    counters.add(VolumeCounter.VOLUME_READ_BYTES, Math.max(0, result));
    return result;
  }

  @Override
  public int write(String path, long id, long offset, MemorySegment from) {
    int result = counted(volume.write(path, id, offset, from));
    if (result > 0) {
      counters.add(VolumeCounter.VOLUME_WRITTEN_BYTES, result);
      changed(path, id);
    }
    return result;
  }

  @Override
  public int sync(String path, long id, boolean dataOnly) {
    UnsyncedPaths.Change before = unsynced.at(path);
    int result = counted(volume.sync(path, id, dataOnly));
    counters.increment(VolumeCounter.VOLUME_SYNCS);
    if (before != null && (result == 0 || result == -Errno.EIO) && !dataOnly) {
      unsynced.onSynced(before); // or whoever asked has been told
    }
    return result;
  }

  @Override
  public int allocate(String path, long id, int flags, long offset, long lengthBytes) {
    int result = counted(volume.allocate(path, id, flags, offset, lengthBytes));
    if (result == 0) {
      changed(path, id);
    }
    return result;
  }

  @Override
  public int getXattr(String path, String name, ByteSink out) {
    return counted(volume.getXattr(path, name, out));
  }

  @Override
  public int setXattr(String path, String name, byte[] value, int flags) {
    return attributeChanged(path, counted(volume.setXattr(path, name, value, flags)));
  }

  @Override
  public int listXattrs(String path, ByteSink out) {
    return counted(volume.listXattrs(path, out));
  }

  @Override
  public int removeXattr(String path, String name) {
    return attributeChanged(path, counted(volume.removeXattr(path, name)));
  }

  /** A sync without an id is for whatever is there, file or directory. */
  private int attributeChanged(String path, int result) {
    if (result == 0) {
      UnsyncedPaths.Change before = unsynced.at(path);
      changed(path, before == null ? UnsyncedPaths.DIRECTORY : before.id());
    }
    return result;
  }

  @Override
  public int space(VolumeSpace out) {
    return counted(volume.space(out));
  }

  /** Does nothing: the volume is the caller's. */
  @Override
  public void close() {}
}
