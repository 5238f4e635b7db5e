package io.splitkernel.scomponent.volume;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files that were removed while a mount had them open: each mount keeps its own in a directory
 * under {@link FusePaths#HIDDEN}, whose modification time it renews while it lives. A directory
 * that does not change for a lease, as this process measures time, belongs to a mount that died:
 * whichever mount sees that removes it. Any thread for {@link #prepare}, one for the others.
 */
final class HiddenFiles {
  private static final Logger LOG = LoggerFactory.getLogger(HiddenFiles.class);
  private static final int BATCH = 1_000;
  private static final int TRIES = 3;
  private static final int ROOT_ONLY = 0700;

  private final Volume volume;
  private final FusePaths paths;
  private final long leaseNs;
  private final Map<String, Seen> others = new HashMap<>();
  private volatile boolean prepared;

  /** When a directory was seen to change last. */
  private record Seen(long modifiedNs, long sinceNs) {}

  HiddenFiles(Volume volume, FusePaths paths, int leaseMs) {
    this.volume = volume;
    this.paths = paths;
    this.leaseNs = leaseMs * 1_000_000L;
  }

  /** Makes this mount's directory if it is not there; 0 or a negative error number. */
  int prepare() {
    FileAttributes out = new FileAttributes();
    if (prepared && volume.lookup(paths.hiddenDirectory(), 0, out) == 0) {
      return 0;
    }
    int rc;
    int tries = 0;
    do { // another mount may remove the parent at its end
      rc = make(FusePaths.HIDDEN, out);
      if (rc == 0) {
        rc = make(paths.hiddenDirectory(), out);
      }
    } while (rc == -Errno.ENOENT && ++tries < TRIES);
    prepared |= rc == 0;
    return rc;
  }

  private int make(String path, FileAttributes out) {
    long id = ThreadLocalRandom.current().nextLong() | 1;
    int rc = volume.makeDirectory(path, id, ROOT_ONLY, 0, 0, out);
    return rc == -Errno.EEXIST ? 0 : rc;
  }

  /** Renews this mount's lease and removes what is left of mounts that died. */
  void tick(long nowNs) {
    if (prepared) {
      AttributeChange now =
          new AttributeChange(AttributeChange.MODIFIED, 0, 0, 0, 0, 0, AttributeChange.NOW);
      int rc = volume.change(paths.hiddenDirectory(), 0, now, new FileAttributes());
      if (rc != 0) {
        LOG.warn("cannot renew the lease of the hidden files: {}", Errno.text(rc));
      }
    }
    List<String> names = list(FusePaths.HIDDEN);
    others.keySet().retainAll(names);
    FileAttributes attributes = new FileAttributes();
    for (String name : names) {
      String path = FusePaths.HIDDEN + "/" + name;
      if (path.equals(paths.hiddenDirectory()) || volume.lookup(path, 0, attributes) != 0) {
        continue;
      }
      Seen seen = others.get(name);
      if (seen == null || seen.modifiedNs != attributes.modifiedNs) {
        others.put(name, new Seen(attributes.modifiedNs, nowNs));
      } else if (nowNs - seen.sinceNs > leaseNs) {
        LOG.info("removing the hidden files of a mount that died: {}", name);
        remove(path);
      }
    }
  }

  /** Removes this mount's directory at its end. */
  void close() {
    if (prepared) {
      remove(paths.hiddenDirectory());
      volume.removeDirectory(FusePaths.HIDDEN, 0, true); // not empty as long as others have one
    }
  }

  private void remove(String directory) {
    List<String> names = list(directory);
    while (!names.isEmpty()) {
      int removed = 0;
      for (String name : names) {
        removed += volume.unlink(directory + "/" + name, 0, true) == 0 ? 1 : 0;
      }
      if (removed == 0) {
        LOG.warn("cannot remove the hidden files in {}", directory);
        return;
      }
      names = list(directory);
    }
    volume.removeDirectory(directory, 0, true);
  }

  /** The first names of a directory. */
  private List<String> list(String directory) {
    List<String> names = new ArrayList<>();
    volume.readDirectory(
        directory, 0, (name, id, type, cookie) -> names.size() < BATCH && names.add(name));
    return names;
  }
}
