package io.splitkernel.ci.programs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one run of a program left behind.
 *
 * @param exitStatus 0 to 255.
 * @param directory its working directory.
 * @param stdout file with its output.
 * @param stderr file with its messages.
 * @param peakBytes largest resident set, native runs only.
 * @param summary the JSON of {@code --json}, empty for native runs.
 * @param wallSeconds how long it took.
 */
record ProgramRun(
    int exitStatus,
    Path directory,
    Path stdout,
    Path stderr,
    long peakBytes,
    String summary,
    double wallSeconds) {

  /** A number of the summary. */
  long counter(String name) {
    Matcher found = Pattern.compile("\"" + name + "\"\\s*:\\s*(-?[0-9]+)").matcher(summary);
    if (!found.find()) {
      throw new AssertionError("no " + name + " in summary: " + summary);
    }
    return Long.parseLong(found.group(1));
  }

  String stdoutText() {
    return text(stdout);
  }

  String stderrText() {
    return text(stderr);
  }

  private static String text(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
