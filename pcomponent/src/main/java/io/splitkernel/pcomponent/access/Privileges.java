package io.splitkernel.pcomponent.access;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a process may do, and may gain by executing a program.
 *
 * @param effective capabilities, a bit each.
 * @param reachable capabilities that a program's file can give.
 * @param gainsNothing whether no program's file can give any (no_new_privs).
 */
record Privileges(long effective, long reachable, boolean gainsNothing) {
  private static final long PTRACE = 1L << 19;
  private static final Path SCOPE = Path.of("/proc/sys/kernel/yama/ptrace_scope");

  /** This process's. */
  static Privileges own() {
    try {
      return parse(new String(Files.readAllBytes(Path.of("/proc/self/status")), ISO_8859_1));
    } catch (IOException e) {
      return new Privileges(0, 0, false); // no /proc: nothing of Lego works
    }
  }

  /** Parses the text of {@code /proc/PID/status}. */
  static Privileges parse(String status) {
    return new Privileges(
        field(status, "CapEff"), field(status, "CapBnd"), field(status, "NoNewPrivs") != 0);
  }

  private static long field(String status, String name) {
    int at = status.indexOf("\n" + name + ":");
    if (at < 0) {
      return 0;
    }
    int from = at + name.length() + 2;
    return Long.parseUnsignedLong(status.substring(from, status.indexOf('\n', from)).strip(), 16);
  }

  /**
   * Who may trace whom: 0 for all of one's own, to 3 for nobody; 0 without that security module.
   */
  static int ptraceScope() {
    try {
      return Files.exists(SCOPE) ? Integer.parseInt(Files.readString(SCOPE).strip()) : 0;
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
  }

  boolean mayPtrace() {
    return (effective & PTRACE) != 0;
  }

  boolean mayGainPtrace() {
    return (reachable & PTRACE) != 0;
  }
}
