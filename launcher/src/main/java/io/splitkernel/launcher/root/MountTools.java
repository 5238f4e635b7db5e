package io.splitkernel.launcher.root;

import io.splitkernel.ffi.Syscall;
import io.splitkernel.launcher.LegoFailure;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this machine needs to mount. */
public final class MountTools {
  private static final long SYS_GETEUID = 107;

  private MountTools() {}

  /**
   * Whether this process may mount by itself.
   *
   * @return true for root.
   */
  public static boolean isRoot() {
    return Syscall.call(SYS_GETEUID, 0, 0, 0) == 0;
  }

  /** Looks for what the mount itself would only say in libfuse's words. */
  static void check() throws LegoFailure {
    if (!Files.exists(Path.of("/dev/fuse"))) {
      throw new LegoFailure(
          LegoFailure.RUN_FAILURE,
          "--root-volume needs /dev/fuse, which is missing: 'modprobe fuse', or give it to the"
              + " container with '--device /dev/fuse'");
    }
    if (!isRoot() && !isInPath("fusermount3")) {
      throw new LegoFailure(
          LegoFailure.RUN_FAILURE,
          "--root-volume needs fusermount3 when you are not root: install the package fuse3");
    }
  }

  /**
   * Looks for a program.
   *
   * @param program name.
   * @return whether it can be executed by its name.
   */
  public static boolean isInPath(String program) {
    String path = System.getenv("PATH");
    for (String directory : (path == null ? "/bin:/usr/bin" : path).split(":", -1)) {
      if (Files.isExecutable(Path.of(directory + File.separator + program))) {
        return true;
      }
    }
    return false;
  }
}
