package io.splitkernel.launcher.root;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Files and directories that were changed and not synced since, by path. Any thread. */
final class UnsyncedPaths {
  /** Id of a directory. */
  static final long DIRECTORY = 0;

  private final NavigableMap<String, Change> changed = new TreeMap<>();
  private final int most;
  private long sequence;
  private String cursor = "";

  /**
   * A change.
   *
   * @param path where the file is.
   * @param id of the file, {@link #DIRECTORY} for a directory.
   * @param sequence a later change has a greater one.
   */
  record Change(String path, long id, long sequence) {}

  /**
   * @param most how many there may be before {@link #onChanged} gives one to sync.
   */
  UnsyncedPaths(int most) {
    this.most = most;
  }

  /**
   * Notes a change that was made.
   *
   * @param path of the file or directory.
   * @param id of the file, or {@link #DIRECTORY}.
   * @return one to sync now because there are too many, or null.
   */
  synchronized Change onChanged(String path, long id) {
    changed.put(path, new Change(path, id, ++sequence));
    if (changed.size() <= most) {
      return null;
    }
    Map.Entry<String, Change> next = changed.higherEntry(cursor);
    next = next == null ? changed.firstEntry() : next;
    cursor = next.getKey();
    return next.getValue();
  }

  /** What is noted for a path, or null; before it is synced. */
  synchronized Change at(String path) {
    return changed.get(path);
  }

  /** A path was synced as it was when the change was got; later changes stay. */
  synchronized void onSynced(Change before) {
    changed.remove(before.path(), before);
  }

  /** There is nothing at a path any more. */
  synchronized void onRemoved(String path) {
    changed.remove(path);
  }

  /**
   * A file or directory, with all below, is somewhere else now.
   *
   * @param from its old path.
   * @param to its new path; what is noted there is forgotten, or exchanged.
   * @param exchanged whether what was there is now at the old path.
   */
  synchronized void onRenamed(String from, String to, boolean exchanged) {
    List<Change> moved = take(from);
    List<Change> replaced = take(to);
    moved.forEach(change -> put(change, from, to));
    if (exchanged) {
      replaced.forEach(change -> put(change, to, from));
    }
  }

  private List<Change> take(String path) {
    List<Change> taken = new ArrayList<>();
    Change itself = changed.remove(path);
    if (itself != null) {
      taken.add(itself);
    }
    Map<String, Change> below = changed.subMap(path + "/", path + "0"); // '0' follows '/'
    taken.addAll(below.values());
    below.clear();
    return taken;
  }

  private void put(Change change, String from, String to) {
    String path = to + change.path().substring(from.length());
    changed.put(path, new Change(path, change.id(), change.sequence()));
  }

  /** All of them. */
  synchronized List<Change> all() {
    return List.copyOf(changed.values());
  }
}
