package io.splitkernel.ci.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Runs one program natively and under {@code lego run}, in directories of their own, with the same
 * arguments, environment and input, and compares what it printed, its exit status and its files.
 */
final class SideBySide {
  /** Smallest cache the tests ask for. */
  static final long CACHE_BYTES_MIN = 4L << 20;

  private static final long MIB = 1L << 20;

  private final Path scratch;
  private final List<String> command;
  private final Map<String, String> environment = new TreeMap<>();
  private Path input = Path.of("/dev/null");
  private long memoryBytes = 2048 * MIB;
  private long secondsMax = 240;
  private boolean compareStderr = true;

  SideBySide(Path scratch, List<String> command) {
    this.scratch = scratch;
    this.command = List.copyOf(command);
    environment.put("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
    environment.put("LC_ALL", "C");
    environment.put("HOME", "/nonexistent");
    environment.put("PYTHONHASHSEED", "0");
    String javaHome = System.getenv("JAVA_HOME");
    if (javaHome != null) {
      environment.put("JAVA_HOME", javaHome);
    }
  }

  SideBySide(Path scratch, String... command) {
    this(scratch, List.of(command));
  }

  SideBySide environment(String name, String value) {
    environment.put(name, value);
    return this;
  }

  SideBySide input(Path file) {
    this.input = file;
    return this;
  }

  SideBySide memoryBytes(long bytes) {
    this.memoryBytes = bytes;
    return this;
  }

  SideBySide secondsMax(long seconds) {
    this.secondsMax = seconds;
    return this;
  }

  /** For programs whose messages differ from run to run. */
  SideBySide ignoreStderr() {
    this.compareStderr = false;
    return this;
  }

  /** Runs the program by itself and measures its peak memory. */
  ProgramRun runNatively() throws IOException, InterruptedException {
    Path peak = scratch.resolve("peak");
    List<String> line = new ArrayList<>(List.of(Workspace.compiled("peak"), peak.toString()));
    line.addAll(command);
    ProgramRun run = run("native", line, null);
    long peakBytes = Long.parseLong(Files.readString(peak).strip()) * 1024;
    return new ProgramRun(
        run.exitStatus(),
        run.directory(),
        run.stdout(),
        run.stderr(),
        peakBytes,
        "",
        run.wallSeconds());
  }

  /** Runs the program under Lego with a cache of so many bytes. */
  ProgramRun runUnderLego(long cacheBytes, String... extraOptions)
      throws IOException, InterruptedException {
    Path json = scratch.resolve("summary.json");
    Files.deleteIfExists(json);
    List<String> line = new ArrayList<>(List.of(Workspace.lego().toString(), "run"));
    line.addAll(List.of("--cache", cacheBytes / 1024 + "k"));
    line.addAll(List.of("--memory", memoryBytes / MIB + "m"));
    line.addAll(List.of("--json", json.toString()));
    line.addAll(List.of(extraOptions));
    line.add("--");
    line.addAll(command);
    return run("lego", line, json);
  }

  /**
   * Both runs with a cache of 25 % of the native peak, compared.
   *
   * @return the run under Lego, for further questions.
   */
  ProgramRun compare() throws IOException, InterruptedException {
    Workspace.lego();
    ProgramRun natively = runNatively();
    ProgramRun lego = runUnderLego(Math.max(CACHE_BYTES_MIN, natively.peakBytes() / 4));
    assertSame(natively, lego);
    return lego;
  }

  /** Both runs with a given cache, compared. */
  ProgramRun compare(long cacheBytes) throws IOException, InterruptedException {
    Workspace.lego();
    ProgramRun natively = runNatively();
    ProgramRun lego = runUnderLego(cacheBytes);
    assertSame(natively, lego);
    return lego;
  }

  /** Fails unless both runs ended alike, printed the same bytes and left the same files. */
  void assertSame(ProgramRun natively, ProgramRun lego) throws IOException {
    System.err.printf(
        "[programs] %s: native %.2f s, peak %d MiB; lego %.2f s, %s%n",
        Path.of(command.getFirst()).getFileName(),
        natively.wallSeconds(),
        natively.peakBytes() / MIB,
        lego.wallSeconds(),
        lego.summary());
    assertEquals(
        natively.exitStatus(),
        lego.exitStatus(),
        () -> "exit status of " + command + "; stderr under lego: " + lego.stderrText());
    assertSameBytes(natively.stdout(), lego.stdout());
    if (compareStderr) {
      assertSameBytes(natively.stderr(), lego.stderr());
    }
    List<Path> files = filesIn(natively.directory());
    assertEquals(files, filesIn(lego.directory()), "files left in the working directory");
    for (Path file : files) {
      assertSameBytes(natively.directory().resolve(file), lego.directory().resolve(file));
    }
  }

  /** Fails unless both files hold the same bytes; names the first that differs. */
  static void assertSameBytes(Path expected, Path actual) throws IOException {
    long at = Files.mismatch(expected, actual);
    assertTrue(
        at < 0,
        () ->
            "%s (%d bytes) and %s (%d bytes) differ at byte %d; excerpt: %s"
                .formatted(
                    expected,
                    expected.toFile().length(),
                    actual,
                    actual.toFile().length(),
                    at,
                    excerpt(actual, at)));
  }

  private static String excerpt(Path file, long at) {
    try (var in = Files.newInputStream(file)) {
      in.skipNBytes(Math.max(0, at - 40));
      return new String(in.readNBytes(400), java.nio.charset.StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static List<Path> filesIn(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).map(directory::relativize).sorted().toList();
    }
  }

  private ProgramRun run(String name, List<String> line, Path json)
      throws IOException, InterruptedException {
    Path directory = Files.createDirectories(scratch.resolve(name).resolve("cwd"));
    Path stdout = scratch.resolve(name).resolve("stdout");
    Path stderr = scratch.resolve(name).resolve("stderr");
    ProcessBuilder builder =
        new ProcessBuilder(line)
            .directory(directory.toFile())
            .redirectInput(input.toFile())
            .redirectOutput(stdout.toFile())
            .redirectError(stderr.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    long start = System.nanoTime();
    Process process = builder.start();
    try {
      if (!process.waitFor(secondsMax, TimeUnit.SECONDS)) {
        throw new AssertionError(
            "%s did not end within %d s; stderr: %s"
                .formatted(line, secondsMax, Files.readString(stderr)));
      }
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    String summary = json != null && Files.exists(json) ? Files.readString(json) : "";
    return new ProgramRun(process.exitValue(), directory, stdout, stderr, 0, summary, seconds);
  }
}
