package io.splitkernel.pcomponent.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** PID namespaces as {@code /proc/PID/ns} names them (namespaces(7)). */
final class PidNamespace {
  private PidNamespace() {}

  /** The namespace in which a process lives, or null. */
  static Path of(String pid) {
    return link("/proc/" + pid + "/ns/pid");
  }

  /** The namespace in which a process's next child will live, or null when it has no init yet. */
  static Path ofChildren(String pid) {
    return link("/proc/" + pid + "/ns/pid_for_children");
  }

  private static Path link(String name) {
    try {
      return Files.readSymbolicLink(Path.of(name));
    } catch (IOException | UnsupportedOperationException e) {
      return null;
    }
  }
}
