package io.splitkernel.pcomponent.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a task can run, as {@code /proc} and its control groups tell it. Control path. */
final class TaskState {
  private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

  private TaskState() {}

  /** Whether a task has ended, collected or not; false for 0. */
  static boolean hasEnded(int tid) {
    return tid != 0 && "ZX?".indexOf(letter(tid)) >= 0;
  }

  /** How a process has ended that nobody has collected yet, as wait(2) has it; else 0. */
  static int waitStatus(int pid) {
    String stat = text(Path.of("/proc/" + pid + "/stat"));
    int last = stat.lastIndexOf(' ') + 1; // exit_code
    return last > 1 && stat.startsWith("Z", stat.lastIndexOf(')') + 2)
        ? Integer.parseInt(stat.substring(last).strip())
        : 0;
  }

  /** Whether a task lives but does not run until somebody lets it: stopped, traced or frozen. */
  static boolean isSuspended(int tid) {
    return tid != 0 && ("Tt".indexOf(letter(tid)) >= 0 || isFrozen(tid));
  }

  /** The state's letter (proc_pid_stat(5)), {@code ?} for a task that is gone. */
  private static char letter(int tid) {
    String stat = text(Path.of("/proc/" + tid + "/stat"));
    int behindName = stat.lastIndexOf(')') + 2;
    return behindName < stat.length() ? stat.charAt(behindName) : '?';
  }

  private static boolean isFrozen(int tid) {
    return text(Path.of("/proc/" + tid + "/cgroup")).lines().anyMatch(TaskState::isFrozen);
  }

  /** Of a line {@code NUMBER:CONTROLLERS:PATH}, without controllers in a unified hierarchy. */
  private static boolean isFrozen(String line) {
    String[] fields = line.split(":", 3);
    if (fields.length < 3) {
      return false;
    }
    String path = fields[2].substring(1);
    if (fields[1].isEmpty()) {
      Path hybrid = CGROUPS.resolve("unified");
      Path root = Files.isDirectory(hybrid) ? hybrid : CGROUPS;
      return text(root.resolve(path).resolve("cgroup.events")).contains("frozen 1");
    }
    return fields[1].equals("freezer")
        && text(CGROUPS.resolve("freezer").resolve(path).resolve("freezer.state")).startsWith("FR");
  }

  private static String text(Path file) {
    try {
      return new String(Files.readAllBytes(file), ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }
}
