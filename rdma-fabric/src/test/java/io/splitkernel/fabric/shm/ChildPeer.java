package io.splitkernel.fabric.shm;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A child JVM that runs {@link ShmPeer}; killed with the test. */
final class ChildPeer implements AutoCloseable {
  private final Process process;
  private final BufferedReader out;

  ChildPeer(Object... args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.add("-ea");
    command.add("-Xmx128m");
    command.add("-XX:TieredStopAtLevel=1");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(ShmPeer.class.getName());
    for (Object arg : args) {
      command.add(arg.toString());
    }
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    out = process.inputReader();
  }

  /** Next line that it prints. */
  String line() throws IOException {
    return out.readLine();
  }

  long pid() {
    return process.pid();
  }

  void signal(String name) throws Exception {
    new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start().waitFor();
  }

  /** SIGKILL, and waits for the end. */
  void kill() {
    process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    kill();
  }
}
