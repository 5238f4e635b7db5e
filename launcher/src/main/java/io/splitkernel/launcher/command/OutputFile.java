package io.splitkernel.launcher.command;

import io.splitkernel.launcher.LegoFailure;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that a command writes at its end. */
final class OutputFile {
  private OutputFile() {}

  /**
   * Looks, before the work begins, whether it can be written.
   *
   * @param option that names it.
   * @param file to be written; null when it is not wanted.
   * @throws LegoFailure when it cannot.
   */
  static void check(String option, Path file) throws LegoFailure {
    if (file == null) {
      return;
    }
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null
        || Files.isDirectory(file)
        || (Files.exists(file) ? !Files.isWritable(file) : !Files.isWritable(directory))) {
      throw new LegoFailure(LegoFailure.USAGE, option + " " + file + ": cannot be written");
    }
  }
}
