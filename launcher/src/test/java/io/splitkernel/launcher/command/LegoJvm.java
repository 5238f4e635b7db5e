package io.splitkernel.launcher.command;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.launcher.Lego;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The lego command in a JVM of its own; killed with the test. */
final class LegoJvm implements AutoCloseable {
  private static final long DEADLINE_S = 60;

  private final Process process;
  private final BufferedReader out;
  private final Path errors;

  LegoJvm(Path directory, String line) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(
        List.of(
            "-ea",
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Lego.class.getName()));
    command.addAll(List.of(line.split(" ")));
    errors = Files.createTempFile(directory, "errors", "");
    process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    out = process.inputReader();
  }

  /** Next line that it prints; null at its end. */
  String line() throws IOException {
    return out.readLine();
  }

  /** The one process that it has started. */
  ProcessHandle child() {
    List<ProcessHandle> children = process.children().toList();
    assertTrue(children.size() == 1, "children " + children);
    return children.getFirst();
  }

  /** The end of its stdin. */
  void endInput() throws IOException {
    process.getOutputStream().close();
  }

  /** SIGKILL. */
  void kill() {
    process.destroyForcibly();
  }

  /** SIGTERM. */
  void terminate() {
    process.destroy();
  }

  /** Its exit status. */
  int status() throws InterruptedException, IOException {
    assertTrue(process.waitFor(DEADLINE_S, TimeUnit.SECONDS), "it does not end");
    return process.exitValue();
  }

  /** What it has written to stderr. */
  String errors() throws IOException {
    return Files.readString(errors);
  }

  /** Waits until a process is gone, or a zombie that nobody takes away. */
  static void awaitGone(ProcessHandle other) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
    while (isAlive(other)) {
      assertTrue(System.nanoTime() < deadline, "process " + other.pid() + " does not end");
      LockSupport.parkNanos(10_000_000);
    }
  }

  static boolean isAlive(ProcessHandle other) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(other.pid()), "stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().onExit().orTimeout(30, TimeUnit.SECONDS).join();
  }
}
