package io.splitkernel.ci.programs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * What a test has started and what is left of it, read from {@code /proc}: processes are known by a
 * mark in their environment, so that neither a daemon nor an orphan escapes.
 */
final class Processes {
  private static final String MARK = "LEGO_TEST_MARK";
  private static final Path PROC = Path.of("/proc");

  private final String mark = UUID.randomUUID().toString();

  /** An environment that carries the mark. */
  Map<String, String> environment() {
    Map<String, String> environment = new TreeMap<>();
    environment.put("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
    environment.put("LC_ALL", "C");
    environment.put("TERM", "dumb");
    environment.put("HOME", "/tmp");
    environment.put(MARK, mark);
    String javaHome = System.getenv("JAVA_HOME");
    if (javaHome != null) {
      environment.put("JAVA_HOME", javaHome);
    }
    return environment;
  }

  /** Living processes with the mark, with their command lines; zombies are not counted. */
  Map<Long, String> alive() {
    Map<Long, String> found = new TreeMap<>();
    try (Stream<Path> entries = Files.list(PROC)) {
      for (Path entry : (Iterable<Path>) entries::iterator) {
        String name = entry.getFileName().toString();
        if (Character.isDigit(name.charAt(0))
            && text(entry.resolve("environ")).contains(MARK + "=" + mark)) {
          found.put(
              Long.parseLong(name), text(entry.resolve("cmdline")).replace('\0', ' ').strip());
        }
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return found;
  }

  /** Pids of living processes whose command line contains a text. */
  List<Long> withCommand(String text) {
    return alive().entrySet().stream()
        .filter(entry -> entry.getValue().contains(text))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Open descriptors of a process whose target contains a text. */
  static long descriptors(long pid, String text) {
    try (Stream<Path> entries = Files.list(PROC.resolve(pid + "/fd"))) {
      return entries.map(Processes::target).filter(target -> target.contains(text)).count();
    } catch (IOException e) {
      return 0;
    }
  }

  /** Mappings of a process whose line contains a text. */
  static long mappings(long pid, String text) {
    return text(PROC.resolve(pid + "/maps")).lines().filter(line -> line.contains(text)).count();
  }

  /** Names in {@code /dev/shm}. */
  static List<String> sharedMemoryFiles() throws IOException {
    try (Stream<Path> entries = Files.list(Path.of("/dev/shm"))) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  /** Parent of a process. */
  static Optional<Long> parent(long pid) {
    return text(PROC.resolve(pid + "/status"))
        .lines()
        .filter(line -> line.startsWith("PPid:"))
        .map(line -> Long.parseLong(line.substring(5).strip()))
        .findFirst();
  }

  /** Kills whatever is left; for the end of a test. */
  void killAll() {
    alive()
        .keySet()
        .forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "";
    }
  }

  private static String text(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }
}
