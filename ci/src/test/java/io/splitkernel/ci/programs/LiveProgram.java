package io.splitkernel.ci.programs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;

/**
 * A program that is talked to while it runs. Everything it starts carries a mark in its
 * environment, by which {@link Processes} finds it again, whoever its parent is by then.
 */
final class LiveProgram implements AutoCloseable {
  private final Process process;
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private final Thread reader;

  LiveProgram(Path directory, Map<String, String> environment, List<String> command)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(environment);
    process = builder.start();
    InputStream from = process.getInputStream();
    reader =
        Thread.ofPlatform()
            .daemon()
            .name("output of " + command.getFirst())
            .start(() -> {
              byte[] buffer = new byte[8192];
              try {
                for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
                  output.write(buffer, 0, n);
                }
              } catch (IOException e) {
                output.writeBytes(
                    ("[output ended: " + e.getMessage() + "]")
                        .getBytes(StandardCharsets.ISO_8859_1));
              }
            });
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** All output so far, both streams. */
  String output() {
    return output.toString(StandardCharsets.ISO_8859_1);
  }

  void send(String text) throws IOException {
    process.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    process.getOutputStream().flush();
  }

  void closeInput() throws IOException {
    process.getOutputStream().close();
  }

  /** Waits until the output contains a text. */
  void expect(String text, long secondsMax) {
    await(secondsMax, "output \"" + text + "\"", () -> output().contains(text) || !isAlive());
    if (!output().contains(text)) {
      throw new AssertionError("no \"" + text + "\" in the output: " + output());
    }
  }

  /** Waits until the output contains a text and, after it, another: a prompt, say. */
  void expectAfter(String text, String last, long secondsMax) {
    expect(text, secondsMax);
    await(
        secondsMax,
        "\"" + last + "\" after \"" + text + "\"",
        () -> output().substring(output().lastIndexOf(text)).contains(last) || !isAlive());
  }

  /** Waits for the end and gives the exit status. */
  int exitStatus(long secondsMax) throws InterruptedException {
    if (!process.waitFor(secondsMax, TimeUnit.SECONDS)) {
      throw new AssertionError("still running after " + secondsMax + " s; output: " + output());
    }
    reader.join(TimeUnit.SECONDS.toMillis(60));
    return process.exitValue();
  }

  /** Sends a signal by kill(1). */
  static void kill(String signal, long pid) throws IOException, InterruptedException {
    new ProcessBuilder("/bin/kill", "-" + signal, Long.toString(pid)).inheritIO().start().waitFor();
  }

  /** Waits for a condition, and fails with its name; slow machines have a minute for anything. */
  static void await(long secondsMax, String what, BooleanSupplier condition) {
    Awaitility.await(what)
        .atMost(Math.max(secondsMax, 60), TimeUnit.SECONDS)
        .pollInterval(20, TimeUnit.MILLISECONDS)
        .until(condition::getAsBoolean);
  }

  /** Waits until a file exists and holds a whole line; gives the line. */
  static String awaitLine(Path file, long secondsMax) {
    await(secondsMax, "a line in " + file, () -> read(file).endsWith("\n"));
    return read(file).strip();
  }

  private static String read(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
