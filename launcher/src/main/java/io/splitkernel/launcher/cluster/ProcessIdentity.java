package io.splitkernel.launcher.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A process that can be found again: process ids are reused, start times are not.
 *
 * @param name of the component.
 * @param pid of its process.
 * @param startTicks since boot, field 22 of proc_pid_stat(5).
 */
record ProcessIdentity(String name, long pid, long startTicks) {
  private static final int START_FIELD_AFTER_NAME = 19;

  static ProcessIdentity of(String name, long pid) throws IOException {
    return new ProcessIdentity(name, pid, startTicksOf(pid));
  }

  static ProcessIdentity parse(String line) {
    String[] parts = line.split(" ");
    if (parts.length != 3) {
      throw new IllegalArgumentException("'" + line + "' is not NAME PID START");
    }
    return new ProcessIdentity(parts[0], Long.parseLong(parts[1]), Long.parseLong(parts[2]));
  }

  String line() {
    return name + " " + pid + " " + startTicks;
  }

  /** The process, when it is still the same one. */
  Optional<ProcessHandle> find() {
    try {
      return startTicksOf(pid) == startTicks ? ProcessHandle.of(pid) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * Ends a process: asks, waits, then kills.
   *
   * @param process to end.
   * @param patienceMs how long it may take to end by itself.
   */
  static void end(ProcessHandle process, long patienceMs) {
    process.destroy();
    if (!ended(process, patienceMs)) {
      process.destroyForcibly();
      ended(process, patienceMs);
    }
  }

  /**
   * Waits for the end of a process.
   *
   * @param process to wait for.
   * @param patienceMs longest wait.
   * @return whether it has ended.
   */
  static boolean ended(ProcessHandle process, long patienceMs) {
    try {
      process.onExit().get(patienceMs, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException | ExecutionException e) {
      return !process.isAlive();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return !process.isAlive();
    }
  }

  private static long startTicksOf(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    if (fields[0].equals("Z")) {
      throw new IOException("process " + pid + " has ended");
    }
    return Long.parseLong(fields[START_FIELD_AFTER_NAME]);
  }
}
