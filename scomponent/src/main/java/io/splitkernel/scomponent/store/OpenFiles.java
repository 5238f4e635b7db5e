package io.splitkernel.scomponent.store;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** Open files by id, the ones used last; a cache only, but one id is never open twice. */
final class OpenFiles implements AutoCloseable {
  private final int max;
  private final Map<Long, OpenFile> files = new LinkedHashMap<>(16, 0.75f, true);

  /** An open file. */
  static final class OpenFile {
    final long id;
    final CheckedFile content;
    private int users;
    private boolean gone;

    OpenFile(long id, CheckedFile content) {
      this.id = id;
      this.content = content;
    }
  }

  OpenFiles(int max) {
    this.max = max;
  }

  /** The file, used by one more, or null. */
  synchronized OpenFile take(long id) {
    OpenFile file = files.get(id);
    if (file != null) {
      file.users++;
    }
    return file;
  }

  /** Adds a file that was opened, or takes the one that is there and closes this one. */
  synchronized OpenFile add(long id, CheckedFile content) {
    OpenFile there = take(id);
    if (there != null) {
      content.close();
      return there;
    }
    OpenFile file = new OpenFile(id, content);
    file.users = 1;
    files.put(id, file);
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

  /** The file has no name any more. */
  synchronized void forget(long id) {
    OpenFile file = files.remove(id);
    if (file != null) {
      file.gone = true;
      if (file.users == 0) {
        file.content.close();
      }
    }
  }

  @Override
  public synchronized void close() {
    for (OpenFile file : files.values()) {
      file.gone = true;
      if (file.users == 0) {
        file.content.close();
      }
    }
    files.clear();
  }
}
