package io.splitkernel.scomponent.store;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** Open files by id, the ones used last; a cache only, but one id is never open twice. */
final class OpenFiles implements AutoCloseable {
  private final int max;
  private final Map<Long, OpenFile> files = new LinkedHashMap<>(16, 0.75f, true);
  private boolean closed;

  /** An open file. Whoever changes its length holds its monitor. */
  static final class OpenFile {
    final long id;
    final long inode;
    final int fd;
    final CheckedFile content;

    /** It has no name any more, and counts nothing. */
    boolean removed;

    private int users;
    private boolean gone;

    OpenFile(long id, long inode, int fd, CheckedFile content) {
      this.id = id;
      this.inode = inode;
      this.fd = fd;
      this.content = content;
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
   * Adds a file that was opened, or takes the one that is there and closes this one.
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
    evict();
    return file;
  }

  private void evict() {
    Iterator<OpenFile> oldest = files.values().iterator();
    while (files.size() > max && oldest.hasNext()) {
      OpenFile file = oldest.next();
      if (file.users == 0) {
        oldest.remove();
        file.content.close();
      }
    }
  }

  synchronized void give(OpenFile file) {
    file.users--;
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
