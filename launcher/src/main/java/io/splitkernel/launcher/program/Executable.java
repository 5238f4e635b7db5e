package io.splitkernel.launcher.program;

import io.splitkernel.launcher.LegoFailure;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Looks whether execvp(3) will find a program, before anything is started for it. */
public final class Executable {
  /** Exit status when there is no such program, as shells have it. */
  public static final int NOT_FOUND = 127;

  /** Exit status when the program may not be executed, as shells have it. */
  public static final int NOT_EXECUTABLE = 126;

  private static final String PATH_DEFAULT = "/usr/local/bin:/usr/bin:/bin";

  private Executable() {}

  /**
   * Looks for a program.
   *
   * @param name as the user wrote it; without a slash it is searched for.
   * @param searchPath value of PATH, or null for the system's default.
   * @throws LegoFailure with status 127 when there is none, 126 when it may not be executed.
   */
  public static void check(byte[] name, String searchPath) throws LegoFailure {
    String text = new String(name, Charset.defaultCharset());
    if (text.isEmpty()) {
      throw new LegoFailure(NOT_FOUND, "the program's name is empty");
    }
    if (text.indexOf('/') >= 0) {
      checkFile(text);
      return;
    }
    boolean present = false;
    for (String directory : (searchPath == null ? PATH_DEFAULT : searchPath).split(":", -1)) {
      String candidate = (directory.isEmpty() ? "." : directory) + "/" + text;
      if (isFile(candidate)) {
        present = true;
        if (Files.isExecutable(Path.of(candidate))) {
          return;
        }
      }
    }
    throw present
        ? new LegoFailure(NOT_EXECUTABLE, text + ": permission denied")
        : new LegoFailure(NOT_FOUND, text + ": not found in PATH");
  }

  private static void checkFile(String text) throws LegoFailure {
    try {
      Path path = Path.of(text);
      if (!Files.exists(path)) {
        throw new LegoFailure(NOT_FOUND, text + ": no such file");
      }
      if (Files.isDirectory(path) || !Files.isExecutable(path)) {
        throw new LegoFailure(NOT_EXECUTABLE, text + ": not an executable file");
      }
    } catch (InvalidPathException e) {
      // Not a name in this locale: the kernel will say whether it exists.
    }
  }

  private static boolean isFile(String candidate) {
    try {
      return Files.isRegularFile(Path.of(candidate));
    } catch (InvalidPathException e) {
      return false;
    }
  }
}
