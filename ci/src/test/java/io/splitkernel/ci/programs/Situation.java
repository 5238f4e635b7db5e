package io.splitkernel.ci.programs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * One program of {@code src/test/c/situations}: a C program, a script that is itself the program,
 * or a script in {@code outside} that runs programs by the command in its variable RUN. A file that
 * is put there is a test by that.
 *
 * @param source file of the program.
 */
record Situation(Path source) {
  private static final Path DIRECTORY =
      Workspace.root().resolve("ci/src/test/c/situations").toAbsolutePath();

  /** All of them, in the order of their names. */
  static List<Situation> all() throws IOException {
    try (Stream<Path> files = Files.walk(DIRECTORY, 2)) {
      return files
          .filter(file -> file.toString().matches(".*\\.(c|py|sh)"))
          .sorted()
          .map(Situation::new)
          .toList();
    }
  }

  /** What to run; compiles it first when it is in C. */
  List<String> command() {
    String file = source.getFileName().toString();
    String name = file.substring(0, file.lastIndexOf('.'));
    return switch (file.substring(file.lastIndexOf('.') + 1)) {
      case "c" -> List.of(Workspace.compiled("situations/" + name));
      case "py" -> List.of(Workspace.installed("python3"), source.toString());
      default -> List.of(Workspace.installed(runsLegoItself() ? "bash" : "sh"), source.toString());
    };
  }

  /** Whether the script stands around {@code lego run} instead of running inside it. */
  boolean runsLegoItself() {
    return source.getParent().endsWith("outside");
  }

  @Override
  public String toString() {
    return DIRECTORY.relativize(source).toString();
  }
}
