package io.splitkernel.mcomponent.filecache;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** What the operations share, and how a file comes into the table. Any thread. */
final class Core {
  /** Result of a step that must begin anew, because the file was forgotten meanwhile. */
  static final int AGAIN = Integer.MIN_VALUE;

  private static final int TRIES = 64;

  /** Chunks that may be dirty however small the memory is: more than a longest write touches. */
  private static final int DIRTY_CHUNKS_MIN = 32;

  final FileCacheSettings settings;
  final GuardedUpstream upstream;
  final FileTable table;
  final ChunkCache chunks;
  final DirtyBudget budget;
  final SpaceGuard space;
  final TransferBuffers buffers;
  final DirtyQueue queue;
  final Dirt dirt;
  final WallClock clock = new WallClock();
  final ReentrantReadWriteLock paths = new ReentrantReadWriteLock();
  final LongAdder hits = new LongAdder();
  final LongAdder misses = new LongAdder();

  /** Whether bytes that were not synced were ever dropped. */
  volatile boolean dropped;

  Core(Volume upstream, Ownership ownership, MemorySegment memory, FileCacheSettings settings) {
    this.settings = settings;
    this.upstream = new GuardedUpstream(upstream, ownership, this::lose);
    long transfers = (long) settings.transferBuffers() * TransferBuffers.BYTES;
    table = new FileTable(settings.filesMax());
    chunks = new ChunkCache(memory.asSlice(transfers), table);
    table.chunks(chunks);
    buffers = new TransferBuffers(memory, settings.transferBuffers(), settings.waitNs());
    long share = (long) chunks.slots() * settings.dirtyPercent() / 100;
    int most = (int) Math.max(DIRTY_CHUNKS_MIN, share);
    int background = (int) ((long) chunks.slots() * settings.backgroundPercent() / 100);
    budget = new DirtyBudget(most, Math.max(1, background));
    space = new SpaceGuard(this.upstream, settings);
    queue = new DirtyQueue(budget);
    dirt = new Dirt(chunks, budget, space, queue, settings.dirtyAgeNs());
  }

  /** A file that the table knows now, or why not. */
  record Attached(CachedFile file, int error) {
    /** Whether the path leads to something that is no regular file: upstream knows the answer. */
    boolean passes() {
      return file == null && error == 0;
    }
  }

  /** Brings the file at a path, or of an id, into the table. */
  Attached attach(String path, long id) {
    FileAttributes found = new FileAttributes();
    for (int tries = 0; tries < TRIES; tries++) {
      paths.readLock().lock();
      try {
        long wanted = id;
        if (id == 0) {
          int result = upstream.lookup(path, 0, found);
          if (result < 0 || !found.is(FileAttributes.REGULAR)) {
            return new Attached(null, result);
          }
          wanted = found.id;
        }
        CachedFile file = table.add(wanted);
        if (file == null) {
          return new Attached(null, -Errno.ENOMEM);
        }
        Attached attached = load(file, path, id, found);
        if (attached != null) {
          return attached;
        }
      } finally {
        paths.readLock().unlock();
      }
    }
    return new Attached(null, -Errno.EAGAIN);
  }

  /** Null when it has to begin anew. */
  private Attached load(CachedFile file, String path, long id, FileAttributes found) {
    file.io.writeLock().lock();
    try {
      if (file.removed) {
        return null;
      }
      if (isLoaded(file) && file.path != null) {
        return new Attached(file, 0);
      }
      int result = upstream.lookup(path, 0, found);
      boolean here = result == 0 && found.id == file.id;
      if (!here && id != 0) {
        result = upstream.lookup(path, id, found);
      }
      boolean usable = result == 0 && found.id == file.id && found.is(FileAttributes.REGULAR);
      if (usable) {
        fill(file, here ? path : null, path, found);
        return new Attached(file, 0);
      }
      removeUnloaded(file);
      if (result == 0 && id == 0) {
        return null;
      }
      boolean other = result == 0 && found.id != file.id;
      return new Attached(null, other ? -Errno.ESTALE : result);
    } finally {
      file.io.writeLock().unlock();
    }
  }

  private void fill(CachedFile file, String path, String asked, FileAttributes found) {
    long stamp = file.state.writeLock();
    try {
      if (upstream.lost()) {
        return;
      }
      if (!file.loaded) {
        file.size = found.sizeBytes;
        file.upstreamSize = found.sizeBytes;
        file.modifiedNs = found.modifiedNs;
        file.changedNs = found.changedNs;
        file.links = found.links;
        file.loaded = true;
      }
      if (path == null) {
        file.lastPath = asked;
      } else {
        table.setPath(file, path);
      }
    } finally {
      file.state.unlockWrite(stamp);
    }
  }

  /** Takes a file out of the table that nothing is known of. The caller holds its io alone. */
  void removeUnloaded(CachedFile file) {
    long stamp = file.state.writeLock();
    try {
      if (!file.loaded && file.error == 0) {
        table.remove(file);
      }
    } finally {
      file.state.unlockWrite(stamp);
    }
  }

  /** Forgets a file with all that was not written. The caller holds its io, or all paths, alone. */
  void forget(CachedFile file) {
    long stamp = file.state.writeLock();
    try {
      dirt.discardAll(file);
      file.loaded = false;
      table.remove(file);
    } finally {
      file.state.unlockWrite(stamp);
    }
  }

  boolean isLoaded(CachedFile file) {
    long stamp = file.state.readLock();
    try {
      return file.loaded;
    } finally {
      file.state.unlockRead(stamp);
    }
  }

  /**
   * An operation upstream failed and may have changed the length all the same: believes what is
   * there, as far as unwritten bytes do not say otherwise. The caller holds the file's io alone.
   */
  void recheckSize(CachedFile file) {
    FileAttributes found = new FileAttributes();
    int result = upstream.lookup(pathOf(file), file.id, found);
    long stamp = file.state.writeLock();
    try {
      if (!file.loaded || result < 0 || found.id != file.id || found.sizeBytes == file.size) {
        return;
      }
      dirt.discardClean(file);
      file.upstreamSize = Math.max(file.upstreamSize, found.sizeBytes);
      if (file.dirty.isEmpty() || found.sizeBytes > file.size) {
        file.size = found.sizeBytes;
      }
    } finally {
      file.state.unlockWrite(stamp);
    }
  }

  /** The best path to name a file by; the id is named with it. */
  static String pathOf(CachedFile file) {
    String path = file.path;
    return path != null ? path : file.lastPath;
  }

  /** Puts what only the cache knows into attributes from upstream. */
  void merge(FileAttributes out) {
    if (!out.is(FileAttributes.REGULAR)) {
      return;
    }
    CachedFile file = table.find(null, out.id);
    if (file == null) {
      return;
    }
    long stamp = file.state.readLock();
    try {
      if (file.loaded) {
        out.sizeBytes = file.size;
        out.allocatedBytes += file.dirtyBlocks * Volume.BLOCK_BYTES;
        if (file.ownTimes) {
          out.modifiedNs = file.modifiedNs;
          out.changedNs = file.changedNs;
        }
      }
    } finally {
      file.state.unlockRead(stamp);
    }
  }

  /** The content has changed now. The caller holds the state alone. */
  void touch(CachedFile file) {
    file.modifiedNs = clock.now();
    file.changedNs = file.modifiedNs;
    file.ownTimes = true;
    file.timesDirty = true;
  }

  /** Another one has the volume: nothing that is cached is true any more. */
  void lose() {
    upstream.lost(true);
    for (CachedFile file : table.all()) {
      long stamp = file.state.writeLock();
      try {
        if (file.removed) {
          continue;
        }
        if (file.loaded && file.unsynced()) {
          file.error = -Errno.EIO;
          dropped = true;
        }
        dirt.discardAll(file);
        file.loaded = false;
        file.synced = file.written;
        file.exposed = false;
        if (file.error == 0) {
          table.remove(file);
        } else {
          table.setPath(file, null);
        }
      } finally {
        file.state.unlockWrite(stamp);
      }
    }
  }
}
