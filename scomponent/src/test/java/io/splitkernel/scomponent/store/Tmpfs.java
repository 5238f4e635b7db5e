package io.splitkernel.scomponent.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A small disk in memory, to be filled or made read-only. */
final class Tmpfs {
  private static final long SECONDS_MAX = 20;

  private final Path directory;

  private Tmpfs(Path directory) {
    this.directory = directory;
  }

  /** Mounts one; the calling test is skipped, with the reason, where that cannot be. */
  static Tmpfs mount(Path directory, int mebibytes) throws Exception {
    boolean root = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
    assumeTrue(root, "root is needed to mount a tmpfs");
    Files.createDirectories(directory);
    String size = "size=" + mebibytes + "m";
    String refused = run("mount", "-t", "tmpfs", "-o", size, "lego-test", directory.toString());
    assumeTrue(refused.isEmpty(), "a tmpfs cannot be mounted: " + refused);
    Tmpfs disk = new Tmpfs(directory);
    boolean attributes = disk.keepsAttributes();
    if (!attributes) {
      disk.unmount();
    }
    assumeTrue(attributes, "this kernel's tmpfs keeps no user attributes (Linux 6.6 and later do)");
    return disk;
  }

  private boolean keepsAttributes() throws IOException {
    Path probe = Files.createFile(directory.resolve("probe"));
    try {
      Files.getFileAttributeView(probe, UserDefinedFileAttributeView.class)
          .write("probe", StandardCharsets.US_ASCII.encode("x"));
      return true;
    } catch (IOException e) {
      return false;
    } finally {
      Files.delete(probe);
    }
  }

  /** Nothing may have a file open for writing. */
  void readOnly(boolean now) throws Exception {
    String mode = "remount," + (now ? "ro" : "rw");
    assertEquals("", run("mount", "-o", mode, directory.toString()));
  }

  private static String run(String... command) throws Exception {
    Process process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(SECONDS_MAX, TimeUnit.SECONDS), "it has not ended: " + command[0]);
    return process.exitValue() == 0 ? "" : output.strip() + " (" + process.exitValue() + ")";
  }

  void unmount() throws Exception {
    assertEquals("", run("umount", directory.toString()));
  }
}
