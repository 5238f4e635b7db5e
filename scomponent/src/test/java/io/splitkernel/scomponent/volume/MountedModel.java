package io.splitkernel.scomponent.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A {@link ModelVolume} mounted in a new directory, and programs that run there. */
final class MountedModel implements AutoCloseable {
  private static final int STOP_MS = 60_000;
  private static final int PROGRAM_DEADLINE_S = 120;

  final ModelVolume volume;
  final Path point;
  private final VolumeMount mount;

  MountedModel() throws IOException {
    this(new ModelVolume());
  }

  MountedModel(ModelVolume volume) throws IOException {
    this.volume = volume;
    assumeFuse();
    point = Files.createTempDirectory("lego-mount");
    MountSettings settings =
        MountSettings.of(point, "model").withDeadlines(STOP_MS, MountSettings.HIDDEN_LEASE_MS);
    VolumeMount made = null;
    try {
      made = VolumeMount.mount(volume, settings);
    } finally {
      if (made == null) {
        Files.delete(point);
      }
    }
    mount = made;
  }

  /** Skips a test where nothing can be mounted. */
  static void assumeFuse() {
    Assumptions.assumeTrue(Files.isWritable(Path.of("/dev/fuse")), "there is no /dev/fuse");
    Assumptions.assumeTrue(has("fusermount3"), "there is no fusermount3");
  }

  static boolean has(String program) {
    for (String directory : System.getenv("PATH").split(":")) {
      if (Files.isExecutable(Path.of(directory, program))) {
        return starts(program);
      }
    }
    return false;
  }

  /** One that lacks a library ends with 127: Debian's fio needs libibverbs. */
  private static boolean starts(String program) {
    try {
      Process process =
          new ProcessBuilder(program, "--version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return true;
      }
      return process.exitValue() != 127;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Runs a script of the shell in the mount; it must succeed. */
  String sh(String script) throws Exception {
    Path output = Files.createTempFile("lego-sh", ".txt");
    try {
      Process process =
          new ProcessBuilder("sh", "-ec", script)
              .directory(point.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      boolean done = process.waitFor(PROGRAM_DEADLINE_S, TimeUnit.SECONDS);
      if (!done) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
      String text = Files.readString(output);
      assertTrue(done, () -> "no end of: " + script + "\n" + text);
      assertEquals(0, process.exitValue(), () -> script + "\n" + text);
      return text;
    } finally {
      Files.delete(output);
    }
  }

  boolean awaitEnd() throws InterruptedException {
    return mount.awaitEnd(STOP_MS);
  }

  @Override
  public void close() throws IOException {
    try {
      mount.close();
    } finally {
      if (MountPoints.isMounted(point)) {
        MountPoints.unmount(point, true);
      }
      Files.deleteIfExists(point);
    }
  }
}
