package io.splitkernel.launcher.files;

import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.protocol.files.Volume;
import java.util.ArrayList;
import java.util.List;

/**
 * The names in a directory of a volume, in portions, so that a directory of any size takes bounded
 * memory. Names may be removed between two portions. One thread.
 */
final class DirectoryNames {
  /** Most names of a portion; fewer are all. */
  static final int PORTION = 10_000;

  private final VolumeFile directory;
  private long cookie;
  private boolean full;

  DirectoryNames(VolumeFile directory) {
    this.directory = directory;
  }

  /** What to do with a name. */
  interface Use {
    void name(String name) throws LegoFailure;
  }

  /** Hands out all names, of each portion in order. */
  void each(Use use) throws LegoFailure {
    for (List<String> names = next(); !names.isEmpty(); names = next()) {
      for (String name : names) {
        use.name(name);
      }
    }
  }

  /**
   * The next portion.
   *
   * @return sorted; empty at the end.
   * @throws LegoFailure when it cannot be read.
   */
  List<String> next() throws LegoFailure {
    List<String> names = new ArrayList<>();
    boolean root = directory.at().path().equals("/");
    int count;
    full = false;
    do {
      count =
          directory
              .volume()
              .readDirectory(
                  directory.at().path(),
                  cookie,
                  (name, _, _, next) -> {
                    full = names.size() == PORTION;
                    if (full) {
                      return false;
                    }
                    cookie = next;
                    return (root && name.equals(Volume.HIDDEN_DIRECTORY)) || names.add(name);
                  });
      VolumeFile.check(count, directory.at());
    } while (count > 0 && !full);
    names.sort(null);
    return names;
  }
}
