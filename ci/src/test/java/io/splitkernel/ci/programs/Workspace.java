package io.splitkernel.ci.programs;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Finds the checkout, its {@code lego} script, installed programs, and builds the C programs. */
final class Workspace {
  private static final List<String> PROGRAM_DIRECTORIES =
      List.of("/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin");
  private static final long COMPILE_SECONDS_MAX = 120;

  private Workspace() {}

  /**
   * The {@code lego} script, or what the property {@code lego.command} names; tests are skipped on
   * machines that cannot supervise processes.
   */
  static Path lego() {
    assumeTrue(
        Files.isReadable(Path.of("/proc/1/environ")),
        "root is needed for ptrace and userfaultfd on any process");
    Path lego = Path.of(System.getProperty("lego.command", root().resolve("lego").toString()));
    assumeTrue(Files.isExecutable(lego), lego + " is not built");
    return lego;
  }

  /** Top directory of the checkout. */
  static Path root() {
    Path at = Path.of("").toAbsolutePath();
    while (at != null && !Files.exists(at.resolve("native-shims/pom.xml"))) {
      at = at.getParent();
    }
    if (at == null) {
      throw new IllegalStateException("no checkout above " + Path.of("").toAbsolutePath());
    }
    return at;
  }

  /** Absolute path of an installed program; the calling test is skipped when it is missing. */
  static String installed(String name) {
    Optional<Path> found =
        PROGRAM_DIRECTORIES.stream()
            .map(directory -> Path.of(directory, name))
            .filter(Files::isExecutable)
            .findFirst();
    assumeTrue(
        found.isPresent(), name + " is not installed (looked in " + PROGRAM_DIRECTORIES + ")");
    return found.orElseThrow().toString();
  }

  /** Path of a program of {@code src/test/c}, compiled when it is older than its source. */
  static String compiled(String name, String... extraFlags) {
    Path sources = root().resolve("ci/src/test/c");
    Path source = sources.resolve(name + ".c");
    Path binary = root().resolve("ci/target/c/" + name);
    try {
      Files.createDirectories(binary.getParent());
      if (isNewer(binary, source) && isNewerThanHeaders(binary, sources)) {
        return binary.toString();
      }
      List<String> command =
          new ArrayList<>(
              List.of(installed("cc"), "-std=gnu11", "-O1", "-g", "-Wall", "-Wextra", "-Werror"));
      command.addAll(List.of("-pthread", "-o", binary.toString(), source.toString()));
      command.addAll(List.of(extraFlags));
      Process cc = new ProcessBuilder(command).inheritIO().start();
      if (!cc.waitFor(COMPILE_SECONDS_MAX, TimeUnit.SECONDS) || cc.exitValue() != 0) {
        throw new IllegalStateException("cannot compile " + command);
      }
      return binary.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while compiling " + source, e);
    }
  }

  private static boolean isNewerThanHeaders(Path binary, Path sources) throws IOException {
    try (Stream<Path> files = Files.walk(sources)) {
      for (Path header : files.filter(file -> file.toString().endsWith(".h")).toList()) {
        if (!isNewer(binary, header)) {
          return false;
        }
      }
      return true;
    }
  }

  private static boolean isNewer(Path binary, Path source) throws IOException {
    return Files.exists(binary)
        && Files.getLastModifiedTime(binary).compareTo(Files.getLastModifiedTime(source)) >= 0;
  }
}
