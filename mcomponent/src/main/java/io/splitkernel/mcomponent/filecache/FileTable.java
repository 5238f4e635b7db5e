package io.splitkernel.mcomponent.filecache;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.StampedLock;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * The files that are remembered, by id, and by a path where one is known for sure. Bounded: when it
 * is full, a file with nothing unwritten is forgotten. Any thread; finding one allocates nothing.
 */
final class FileTable {
  private final StampedLock lock = new StampedLock();
  private final Long2ObjectHashMap<CachedFile> byId = new Long2ObjectHashMap<>();
  private final TreeMap<String, CachedFile> byPath = new TreeMap<>();
  private final CachedFile[] byNumber;
  private final int[] free;
  private int freeCount;
  private int hand;
  private ChunkCache chunks;

  FileTable(int filesMax) {
    byNumber = new CachedFile[filesMax];
    free = new int[filesMax];
    for (int i = 0; i < filesMax; i++) {
      free[i] = filesMax - 1 - i;
    }
    freeCount = filesMax;
  }

  /** Once, before use. */
  void chunks(ChunkCache cache) {
    chunks = cache;
  }

  /** The file of a number that is in use. */
  CachedFile byNumber(int number) {
    return byNumber[number];
  }

  /** A file by id, or by path when the id is 0; null when it is not known. */
  CachedFile find(String path, long id) {
    long stamp = lock.readLock();
    try {
      CachedFile file = id != 0 ? byId.get(id) : byPath.get(path);
      if (file != null && !file.recent) {
        file.recent = true;
      }
      return file;
    } finally {
      lock.unlockRead(stamp);
    }
  }

  /** Finds or adds a file; null when the table is full of files with unwritten bytes. */
  CachedFile add(long id) {
    long stamp = lock.writeLock();
    try {
      CachedFile file = byId.get(id);
      if (file == null && (freeCount > 0 || forgetOne())) {
        int number = free[--freeCount];
        file = new CachedFile(id, number);
        byNumber[number] = file;
        byId.put(id, file);
      }
      if (file != null) {
        file.recent = true;
      }
      return file;
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  /**
   * Takes a file out. The caller holds its state alone, and nothing of it is dirty.
   *
   * @param file may be out already.
   */
  void remove(CachedFile file) {
    long stamp = lock.writeLock();
    try {
      takeOut(file);
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  /** Notes that a path leads to a file for sure; null when none is known any more. */
  void setPath(CachedFile file, String path) {
    long stamp = lock.writeLock();
    try {
      if (!file.removed) {
        put(file, path);
      }
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  /** The files at a path and beneath it. */
  List<CachedFile> beneath(String path) {
    long stamp = lock.readLock();
    try {
      List<CachedFile> found = new ArrayList<>(under(path).values());
      CachedFile file = byPath.get(path);
      if (file != null) {
        found.add(file);
      }
      return found;
    } finally {
      lock.unlockRead(stamp);
    }
  }

  /** Gives files new paths: each in {@code files} loses {@code from} and gets {@code to}. */
  void move(List<CachedFile> files, String from, String to) {
    long stamp = lock.writeLock();
    try {
      for (CachedFile file : files) {
        if (!file.removed && file.path != null) {
          put(file, to + file.path.substring(from.length()));
        }
      }
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  /** Gives both sides of an exchange their new paths. */
  void exchange(List<CachedFile> one, String path, List<CachedFile> other, String target) {
    long stamp = lock.writeLock();
    try {
      one.removeIf(file -> file.path == null);
      other.removeIf(file -> file.path == null);
      List<String> paths = new ArrayList<>();
      for (CachedFile file : other) {
        paths.add(path + file.path.substring(target.length()));
        put(file, null);
      }
      for (CachedFile file : one) {
        put(file, target + file.path.substring(path.length()));
      }
      for (int i = 0; i < paths.size(); i++) {
        put(other.get(i), paths.get(i));
      }
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  /** A file with an error that nobody has been told of, by its last path; null when none. */
  CachedFile failedAt(String path) {
    for (CachedFile file : all()) {
      if (file.lastPath.equals(path) && file.error != 0) {
        return file;
      }
    }
    return null;
  }

  /** All files. */
  List<CachedFile> all() {
    long stamp = lock.readLock();
    try {
      return new ArrayList<>(byId.values());
    } finally {
      lock.unlockRead(stamp);
    }
  }

  private Map<String, CachedFile> under(String path) {
    String prefix = path.equals("/") ? "" : path;
    return byPath.subMap(prefix + '/', prefix + (char) ('/' + 1));
  }

  private void put(CachedFile file, String path) {
    if (file.path != null) {
      byPath.remove(file.path, file);
    }
    file.path = path;
    if (path != null) {
      file.lastPath = path;
      CachedFile before = byPath.put(path, file);
      if (before != null && before != file) {
        before.path = null;
      }
    }
  }

  private void takeOut(CachedFile file) {
    if (file.removed) {
      return;
    }
    file.removed = true;
    put(file, null);
    byId.remove(file.id);
    byNumber[file.number] = null;
    free[freeCount++] = file.number;
  }

  private boolean forgetOne() {
    for (int tries = 0; tries < 2 * byNumber.length; tries++) {
      CachedFile file = byNumber[hand];
      hand = hand + 1 == byNumber.length ? 0 : hand + 1;
      if (file == null) {
        continue;
      }
      if (file.recent) {
        file.recent = false;
      } else if (forget(file)) {
        return true;
      }
    }
    return false;
  }

  private boolean forget(CachedFile file) {
    if (!file.io.writeLock().tryLock()) {
      return false;
    }
    try {
      long stamp = file.state.tryWriteLock();
      if (stamp == 0) {
        return false;
      }
      try {
        if (!file.dirty.isEmpty() || file.timesDirty || file.error != 0) {
          return false;
        }
        for (long chunk : chunks.chunksOf(file)) {
          int slot = chunks.pin(file, chunk);
          if (slot >= 0) {
            chunks.drop(file, slot);
          }
        }
        file.loaded = false;
        takeOut(file);
        return true;
      } finally {
        file.state.unlockWrite(stamp);
      }
    } finally {
      file.io.writeLock().unlock();
    }
  }
}
