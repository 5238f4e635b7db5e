package io.splitkernel.scomponent.store;

import io.splitkernel.ffi.Errno;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.agrona.collections.LongHashSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Open files by id, the ones used last; a cache only, but one id is never open twice. Linux tells a
 * failure to write to those who have the file open then, so a file with unsynced changes is written
 * out before it is closed, and the failure is kept for the next sync. Any thread.
 */
final class OpenFiles implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OpenFiles.class);

  /** Files written out by one call of {@link #trim}. */
  private static final int VICTIMS_MAX = 64;

  /** When there are too many, this part of those allowed is closed at once. */
  private static final int BATCHES = 16;

  /** Failures that are kept; beyond that every sync fails. */
  private static final int FAILED_MAX = 65_536;

  private final int max;
  private final Map<Long, OpenFile> files = new LinkedHashMap<>(16, 0.75f, true);
  private final LongHashSet failed = new LongHashSet();
  private boolean closed;

  /** An open file. Whoever changes its length holds its monitor. */
  static final class OpenFile {
    final long id;
    final long inode;
    final int fd;
    final CheckedFile content;

    /** It has no name any more, and counts nothing. */
    boolean removed;

    /** Opened for reading only, since the disk was; not kept for those who come later. */
    private final boolean readOnly;

    private volatile boolean unsynced;
    private int users;
    private boolean gone;

    OpenFile(long id, long inode, int fd, boolean readOnly, CheckedFile content) {
      this.id = id;
      this.inode = inode;
      this.fd = fd;
      this.readOnly = readOnly;
      this.content = content;
    }

    /** Its content is about to change. */
    void changing() {
      unsynced = true;
    }
  }

  OpenFiles(int max) {
    this.max = max;
  }

  synchronized boolean isClosed() {
    return closed;
  }

  /** The file, used by one more, or null. */
  synchronized OpenFile take(long id) {
    OpenFile file = files.get(id);
    if (file != null) {
      file.users++;
    }
    return file;
  }

  /**
   * Adds a file that was opened, or takes the one that is there and closes this one. {@link #trim}
   * is to be called afterwards.
   *
   * @return the file that is used, or null when another file has the same id.
   */
  synchronized OpenFile add(OpenFile file) {
    OpenFile there = take(file.id);
    if (there != null) {
      file.content.close();
      if (there.inode == file.inode) {
        return there;
      }
      give(there);
      return null;
    }
    file.users = 1;
    files.put(file.id, file);
    return file;
  }

  /** Closes files that were not used for longest; may wait for the device. */
  void trim() {
    List<OpenFile> victims = evict();
    for (OpenFile victim : victims) {
      victim.unsynced = false;
      victim.content.startWriteOut(); // the device can do them in its order
    }
    for (OpenFile victim : victims) {
      int result = victim.content.writeOut();
      if (result < 0) {
        LOG.error("file {}: not all could be written: {}", victim.id, Errno.text(result));
        keepFailure(victim.id);
      }
      close(victim);
    }
  }

  /** Closes what can be closed at once; what must be written out is used by one more. */
  private synchronized List<OpenFile> evict() {
    int wanted = files.size() <= max ? 0 : files.size() - max + max / BATCHES;
    List<OpenFile> victims = new ArrayList<>();
    Iterator<OpenFile> oldest = files.values().iterator();
    while (wanted > 0 && oldest.hasNext()) {
      OpenFile file = oldest.next();
      if (file.users == 0 && file.unsynced && victims.size() < VICTIMS_MAX) {
        file.users++;
        victims.add(file);
        wanted--;
      } else if (file.users == 0 && !file.unsynced) {
        oldest.remove();
        file.content.close();
        wanted--;
      }
    }
    return victims;
  }

  /** Ends a use, and closes the file unless it was used again meanwhile. */
  private synchronized void close(OpenFile file) {
    if (file.users == 1 && !file.unsynced && !file.gone) {
      files.remove(file.id);
      file.gone = true;
    }
    give(file);
  }

  private synchronized void keepFailure(long id) {
    if (failed.size() < FAILED_MAX) {
      failed.add(id);
    }
  }

  /** Syncs a file that is used; a failure that was kept is told once. */
  int sync(OpenFile file, boolean dataOnly) {
    file.unsynced = false;
    int result = file.content.sync(dataOnly);
    synchronized (this) {
      boolean kept = failed.size() == FAILED_MAX || failed.remove(file.id);
      return result == 0 && kept ? -Errno.EIO : result;
    }
  }

  synchronized void give(OpenFile file) {
    file.users--;
    if (file.users == 0 && file.readOnly && !file.gone) {
      files.remove(file.id);
      file.gone = true;
    }
    if (file.users == 0 && file.gone) {
      file.content.close();
    }
  }

  /** The file has no name any more; it is used by one more, or null when it is not open. */
  synchronized OpenFile forget(long id, long inode) {
    OpenFile file = files.get(id);
    if (file == null || file.inode != inode) {
      return null;
    }
    files.remove(id);
    file.gone = true;
    file.users++;
    return file;
  }

  @Override
  public synchronized void close() {
    closed = true;
    for (OpenFile file : files.values()) {
      file.gone = true;
      if (file.users == 0) {
        file.content.close();
      }
    }
    files.clear();
  }
}
