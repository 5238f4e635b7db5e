package io.splitkernel.launcher.cluster;

import io.splitkernel.ffi.Errno;
import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.settings.Settings;
import io.splitkernel.scomponent.volume.MountPoints;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where one run mounts its volume: an empty directory beside the state directory, for its owner
 * only, that is named by its process. Those of processes that were killed are taken away, with what
 * is mounted there, when the next one is made. Nothing in here looks into a mount. Control thread.
 */
public final class RunDirectory implements AutoCloseable {
  private static final String WORD = "runs";

  private final Path path;

  private RunDirectory(Path path) {
    this.path = path;
  }

  /**
   * Makes that of this process.
   *
   * @param settings with the state directory.
   * @return the directory.
   * @throws LegoFailure when it cannot be made.
   */
  public static RunDirectory make(Settings settings) throws LegoFailure {
    StateDirectory all = StateDirectory.of(settings).beside(WORD);
    all.create();
    try {
      removeDead(all.path());
      long pid = ProcessHandle.current().pid();
      ProcessIdentity self = ProcessIdentity.of(WORD, pid);
      return new RunDirectory(
          Files.createDirectory(all.path().resolve(pid + "-" + self.startTicks())));
    } catch (IOException e) {
      throw new LegoFailure(
          LegoFailure.FAILURE, "cannot make a directory to mount at: " + e + removeHint(all), e);
    }
  }

  private static String removeHint(StateDirectory all) {
    return "; LEGO_STATE_DIR says beside what, now " + all;
  }

  private static void removeDead(Path all) throws IOException {
    try (DirectoryStream<Path> runs = Files.newDirectoryStream(all)) {
      for (Path run : runs) {
        if (!isAlive(run.getFileName().toString())) {
          remove(run);
        }
      }
    }
  }

  private static boolean isAlive(String name) {
    try {
      return ProcessIdentity.parse(WORD + " " + name.replace('-', ' ')).find().isPresent();
    } catch (IllegalArgumentException e) {
      return true; // not one of these
    }
  }

  private static void remove(Path run) throws IOException {
    while (MountPoints.isMounted(run)) {
      int result = MountPoints.unmount(run, true);
      if (result < 0) {
        throw new IOException(run + ": cannot unmount: " + Errno.text(result));
      }
    }
    Files.deleteIfExists(run);
  }

  /**
   * Removes a directory that a run was mounted at, after somebody has unmounted it.
   *
   * @param settings with the state directory.
   * @param mountPoint whatever was unmounted.
   * @throws IOException when it is one, and cannot be removed.
   */
  public static void onUnmounted(Settings settings, Path mountPoint) throws IOException {
    Path run = mountPoint.toAbsolutePath().normalize();
    Path all = StateDirectory.of(settings).beside(WORD).path();
    if (all.equals(run.getParent()) && !isAlive(run.getFileName().toString())) {
      remove(run);
    }
  }

  /**
   * Where it is.
   *
   * @return absolute path.
   */
  public Path path() {
    return path;
  }

  /**
   * Removes it, with what is still mounted there.
   *
   * @throws IOException when it cannot be removed.
   */
  @Override
  public void close() throws IOException {
    remove(path);
  }
}
