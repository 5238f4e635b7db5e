package io.splitkernel.scomponent.volume;

import io.splitkernel.ffi.FuseCaller;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.cryptomator.jfuse.linux.amd64.extr.fuse3.fuse_h;

/** Loads libfuse3 of this machine; the JVM does so once. */
final class FuseLibrary {
  private static final int VERSION_MIN = 312;
  private static final String FILE = "libfuse3.so.3";
  private static final List<String> DIRECTORIES =
      List.of("/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib");

  private FuseLibrary() {}

  /** Loads it, or tells in one line what is missing. */
  static void load() throws IOException {
    if (!Files.isWritable(Path.of("/dev/fuse"))) {
      throw new IOException("cannot mount: /dev/fuse is missing or not for this user");
    }
    for (String directory : DIRECTORIES) {
      Path file = Path.of(directory, FILE);
      if (Files.exists(file)) {
        FuseCaller.load(file);
        if (fuse_h.fuse_version() < VERSION_MIN) {
          throw new IOException("cannot mount: " + file + " is older than version 3.12");
        }
        return;
      }
    }
    throw new IOException("cannot mount: " + FILE + " is missing, install the package fuse3");
  }
}
