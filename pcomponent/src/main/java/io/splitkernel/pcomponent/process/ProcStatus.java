package io.splitkernel.pcomponent.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * What {@code /proc/TID/status} says of a thread (proc_pid_status(5)).
 *
 * @param pid its process, as this process numbers it.
 * @param parentPid the process's parent, 0 when it is not in this process's namespace.
 * @param tracerPid who traces the thread, 0 for nobody.
 * @param numbers the thread's, in each PID namespace that it lives in, from this process's on.
 * @param filters seccomp filters that are run for its calls.
 * @param caught signals for which there is a handler, a bit each.
 */
record ProcStatus(
    int pid, int parentPid, int tracerPid, List<Integer> numbers, int filters, long caught) {
  /** How many PID namespaces deep it lives, counted from this process's. */
  int pidNamespaces() {
    return numbers.size();
  }

  /** The thread's number in the namespace so many deep. */
  int numberAt(int depth) {
    return numbers.get(depth - 1);
  }

  /**
   * Reads the status of a thread.
   *
   * @param tid as this process numbers it.
   * @return null when the thread is gone.
   */
  static ProcStatus of(int tid) {
    return read("/proc/" + tid + "/status");
  }

  /** This process's own. */
  static ProcStatus own() {
    return read("/proc/self/status");
  }

  private static ProcStatus read(String path) {
    try {
      return parse(new String(Files.readAllBytes(Path.of(path)), ISO_8859_1));
    } catch (IOException e) {
      return null;
    }
  }

  /** Parses the file's text. */
  static ProcStatus parse(String text) {
    String[] numbers = field(text, "NSpid").split("\\s+");
    return new ProcStatus(
        number(text, "Tgid"),
        number(text, "PPid"),
        number(text, "TracerPid"),
        Arrays.stream(numbers).map(Integer::valueOf).toList(),
        number(text, "Seccomp_filters"),
        mask(text, "SigCgt"));
  }

  private static int number(String text, String name) {
    String value = field(text, name);
    return value.isEmpty() ? 0 : Integer.parseInt(value);
  }

  private static long mask(String text, String name) {
    String value = field(text, name);
    return value.isEmpty() ? 0 : Long.parseUnsignedLong(value, 16);
  }

  private static String field(String text, String name) {
    int at = text.indexOf("\n" + name + ":");
    if (at < 0) {
      return "";
    }
    int from = at + name.length() + 2;
    return text.substring(from, text.indexOf('\n', from)).strip();
  }
}
