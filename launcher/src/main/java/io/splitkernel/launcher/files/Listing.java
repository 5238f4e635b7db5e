package io.splitkernel.launcher.files;

import io.splitkernel.ffi.Errno;
import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.protocol.files.FileAttributes;
import java.io.PrintStream;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Prints what is in a directory. */
public final class Listing {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT).withZone(ZoneId.systemDefault());
  private static final String TYPES = "?pc?d?b?-?l?s???";
  private static final int TYPE_SHIFT = 12;

  private final StorageClients clients;
  private final PrintStream out;
  private final boolean detailed;

  /**
   * @param clients of the cluster.
   * @param out to print to.
   * @param detailed whether attributes are printed.
   */
  public Listing(StorageClients clients, PrintStream out, boolean detailed) {
    this.clients = clients;
    this.out = out;
    this.detailed = detailed;
  }

  /**
   * Lists a directory, or tells one file.
   *
   * @param path of it.
   * @throws LegoFailure when it cannot be read.
   */
  public void list(VolumePath path) throws LegoFailure {
    VolumeFile file = VolumeFile.find(clients, path).existing();
    if (!file.isDirectory()) {
      print(path.name(), file.attributes());
      return;
    }
    FileAttributes attributes = new FileAttributes();
    new DirectoryNames(file)
        .each(name -> {
          VolumePath child = file.at().child(name);
          int found = detailed ? file.volume().lookup(child.path(), 0, attributes) : 0;
          if (found != -Errno.ENOENT) { // removed meanwhile
            VolumeFile.check(found, child);
            print(name, attributes);
          }
        });
  }

  private void print(String name, FileAttributes a) {
    if (!detailed) {
      out.println(name);
      return;
    }
    StringBuilder mode = new StringBuilder().append(TYPES.charAt(a.mode >>> TYPE_SHIFT));
    for (int bit = 8; bit >= 0; bit--) {
      mode.append((a.mode >> bit & 1) == 0 ? '-' : "xwr".charAt(bit % 3));
    }
    Instant modified = Instant.ofEpochSecond(0, a.modifiedNs);
    out.printf(
        Locale.ROOT,
        "%s %3d %5d %5d %12d %s %s%n",
        mode,
        a.links,
        a.uid,
        a.gid,
        a.sizeBytes,
        TIME.format(modified),
        name);
  }
}
