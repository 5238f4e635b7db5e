package io.splitkernel.launcher.program;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * This process's arguments and environment as the kernel has them. The JVM decodes both by the
 * locale, which loses bytes; a program must get what its caller wrote.
 */
public final class RawArguments {
  /** Where the script leaves the number of pieces of the caller's environment. */
  private static final String SAVED = "LEGO_ENVIRON";

  private RawArguments() {}

  /**
   * The last arguments of this process.
   *
   * @param decoded the same, as the JVM gave them to {@code main}.
   * @return their bytes, in order.
   * @throws IOException when /proc cannot be read.
   */
  public static List<byte[]> lastArguments(List<String> decoded) throws IOException {
    return lastArguments(split(Files.readAllBytes(Path.of("/proc/self/cmdline"))), decoded);
  }

  static List<byte[]> lastArguments(List<byte[]> all, List<String> decoded) {
    int from = all.size() - decoded.size();
    List<byte[]> raw = new ArrayList<>();
    for (int i = 0; i < decoded.size(); i++) {
      if (from < 0 || !agree(all.get(from + i), decoded.get(i))) {
        // Not started by the script (embedded in another JVM): what was decoded is all there is.
        return decoded.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
      }
      raw.add(all.get(from + i));
    }
    return List.copyOf(raw);
  }

  /** Only plain ASCII can be compared: the rest is what the JVM may have decoded wrongly. */
  private static boolean agree(byte[] raw, String decoded) {
    for (byte b : raw) {
      if (b < 0) {
        return true;
      }
    }
    return new String(raw, StandardCharsets.US_ASCII).equals(decoded);
  }

  /**
   * The environment that the caller gave: as the script has saved it, since a shell loses entries
   * whose names are no identifiers, or that of this process at its start.
   *
   * @param hidden name of a variable to leave out.
   * @return NAME=VALUE, in order.
   * @throws IOException when /proc cannot be read.
   */
  public static List<byte[]> environment(String hidden) throws IOException {
    return environment(split(Files.readAllBytes(Path.of("/proc/self/environ"))), hidden);
  }

  static List<byte[]> environment(List<byte[]> own, String hidden) {
    byte[] pieces = value(own, SAVED);
    List<byte[]> given = own;
    if (pieces != null) {
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      for (int i = 0; i < Integer.parseInt(new String(pieces, StandardCharsets.US_ASCII)); i++) {
        text.writeBytes(value(own, SAVED + "_" + i));
      }
      given = split(Base64.getDecoder().decode(text.toByteArray()));
    }
    byte[] prefix = (hidden + "=").getBytes(StandardCharsets.US_ASCII);
    return given.stream().filter(entry -> !startsWith(entry, prefix)).toList();
  }

  /**
   * Looks for a variable.
   *
   * @param environment as NAME=VALUE.
   * @param name of the variable.
   * @return its value, or null when it is not set.
   */
  public static byte[] value(List<byte[]> environment, String name) {
    byte[] prefix = (name + "=").getBytes(StandardCharsets.US_ASCII);
    return environment.stream()
        .filter(entry -> startsWith(entry, prefix))
        .findFirst()
        .map(entry -> Arrays.copyOfRange(entry, prefix.length, entry.length))
        .orElse(null);
  }

  /**
   * Takes out of the environment of a child what the script saved in it.
   *
   * @param environment to change.
   */
  public static void forgetSaved(Map<String, String> environment) {
    environment.keySet().removeIf(name -> name.startsWith(SAVED));
  }

  /**
   * An environment in another working directory.
   *
   * @param environment as NAME=VALUE.
   * @param directory the working directory.
   * @return the same, in which PWD, where it is set, is that directory.
   */
  public static List<byte[]> inDirectory(List<byte[]> environment, String directory) {
    byte[] name = "PWD=".getBytes(StandardCharsets.US_ASCII);
    byte[] pwd = ("PWD=" + directory).getBytes(StandardCharsets.UTF_8);
    return environment.stream().map(entry -> startsWith(entry, name) ? pwd : entry).toList();
  }

  static List<byte[]> split(byte[] zeroTerminated) {
    List<byte[]> parts = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < zeroTerminated.length; i++) {
      if (zeroTerminated[i] == 0) {
        parts.add(Arrays.copyOfRange(zeroTerminated, start, i));
        start = i + 1;
      }
    }
    if (start < zeroTerminated.length) {
      parts.add(Arrays.copyOfRange(zeroTerminated, start, zeroTerminated.length));
    }
    return parts;
  }

  private static boolean startsWith(byte[] text, byte[] prefix) {
    return text.length >= prefix.length
        && Arrays.equals(text, 0, prefix.length, prefix, 0, prefix.length);
  }
}
