package io.splitkernel.ci.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * This machine as ordinary users find it once {@code lego grant} was run: a mount namespace with an
 * installed Lego and device files of its own ({@code src/test/sh/rootless-machine}).
 */
final class RootlessMachine implements AutoCloseable {
  private static final long SECONDS_MAX = 240;
  private static final String USER = "nobody";
  private static final String STRANGERS = "12345";

  private final Path directory;
  private final String group;
  private final Process holder;

  /**
   * What a command has answered.
   *
   * @param status of exit.
   * @param output of it.
   * @param errors what it wrote to standard error.
   */
  record Answer(int status, String output, String errors) {}

  private RootlessMachine(Path directory, String group, Process holder) {
    this.directory = directory;
    this.group = group;
    this.holder = holder;
  }

  /** Sets it up; the calling tests are skipped where that is not possible. */
  static RootlessMachine start() throws IOException, InterruptedException {
    Path lego = Workspace.lego();
    for (String tool : new String[] {"unshare", "nsenter", "setpriv", "mount", "id"}) {
      Workspace.installed(tool);
    }
    assumeTrue(Files.exists(Path.of("/dev/userfaultfd")), "there is a /dev/userfaultfd");
    Path checkout = lego.getParent().resolve("launcher/target/dist");
    Path distribution = Files.exists(checkout) ? checkout : lego.getParent();
    Path directory = Files.createTempDirectory("lego-rootless");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    Process holder =
        new ProcessBuilder(
                "unshare",
                "-m",
                "sh",
                Workspace.root().resolve("ci/src/test/sh/rootless-machine").toString(),
                directory.toString(),
                distribution.toString(),
                lego.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader answers = holder.inputReader(StandardCharsets.UTF_8);
    String group = output(List.of("id", "-gn", USER)).strip();
    RootlessMachine machine = new RootlessMachine(directory, group, holder);
    if (!"ready".equals(answers.readLine())) {
      machine.close();
      assumeTrue(false, "mount namespaces and device files can be made here");
    }
    return machine;
  }

  /** The user's home. */
  Path home() {
    return directory.resolve("home");
  }

  /** The installed command. */
  String lego() {
    return directory.resolve("lego/lego").toString();
  }

  /** The group that is granted access. */
  String group() {
    return group;
  }

  /** Runs a command as root. */
  Answer asRoot(String... command) throws IOException, InterruptedException {
    return run(List.of(), List.of(command));
  }

  /** Runs a command as a member of the group. */
  Answer asMember(String... command) throws IOException, InterruptedException {
    return run(
        List.of("setpriv", "--reuid", USER, "--regid", group, "--clear-groups"), List.of(command));
  }

  /** Runs a command as the same user without the group. */
  Answer asStranger(String... command) throws IOException, InterruptedException {
    return run(
        List.of("setpriv", "--reuid", USER, "--regid", STRANGERS, "--clear-groups"),
        List.of(command));
  }

  private Answer run(List<String> identity, List<String> command)
      throws IOException, InterruptedException {
    Path errors = Files.createTempFile("lego-rootless", ".err");
    List<String> line = new ArrayList<>(List.of("nsenter", "-m", "-t", "" + holder.pid()));
    line.addAll(identity);
    line.addAll(List.of("sh", "-c", "cd \"$HOME\" && exec \"$@\"", "sh"));
    line.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(line).redirectError(errors.toFile());
    builder.redirectInput(Path.of("/dev/null").toFile());
    String java = System.getenv("JAVA_HOME");
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
    builder.environment().put("HOME", home().toString());
    builder.environment().put("XDG_RUNTIME_DIR", home().toString());
    builder.environment().put("TMPDIR", directory.resolve("tmp").toString());
    builder.environment().put("LC_ALL", "C");
    builder.environment().put("LEGO_BUILD", "no");
    builder.environment().put("LEGO_TEST_PRESSURE_MIB", "28");
    builder.environment().put("RUN", "");
    if (java != null) {
      builder.environment().put("JAVA_HOME", java);
    }
    Process process = builder.start();
    Thread killer = killAfter(process);
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = process.waitFor();
      return new Answer(status, output, Files.readString(errors, StandardCharsets.ISO_8859_1));
    } finally {
      killer.interrupt();
      Files.deleteIfExists(errors);
    }
  }

  private static Thread killAfter(Process process) {
    return Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
              process.descendants().forEach(ProcessHandle::destroyForcibly);
              process.destroyForcibly();
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private static String output(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), command::toString);
    return output;
  }

  @Override
  public void close() throws IOException {
    holder.getOutputStream().close();
    try {
      if (!holder.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
        holder.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Files.deleteIfExists(directory);
  }
}
