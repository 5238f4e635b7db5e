package io.splitkernel.scomponent.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A mount by a user without privileges, by way of fusermount3. */
@Timeout(120)
final class UserMountTest {
  private static final int NOBODY = 65534;
  private static final List<String> AS_NOBODY =
      List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups", "--");

  @TempDir Path scratch;
  private Path point;
  private String classPath;
  private Process child;

  @BeforeEach
  void mount() throws Exception {
    MountedModel.assumeFuse();
    Assumptions.assumeTrue(
        (int) Files.getAttribute(scratch, "unix:uid") == 0, "only root can become somebody else");
    Assumptions.assumeTrue(MountedModel.has("setpriv"), "there is no setpriv");
    Path helper = Path.of("/usr/bin/fusermount3");
    Assumptions.assumeTrue(
        Files.exists(helper) && ((int) Files.getAttribute(helper, "unix:mode") & 04000) != 0,
        "fusermount3 is not set-user-id");
    Assumptions.assumeTrue(
        ((int) Files.getAttribute(Path.of("/dev/fuse"), "unix:mode") & 06) == 06,
        "/dev/fuse is for root alone: chmod 666 /dev/fuse");
    Files.setPosixFilePermissions(scratch, PosixFilePermissions.fromString("rwxr-xr-x"));
    point = Files.createDirectory(scratch.resolve("point"));
    Files.setAttribute(point, "unix:uid", NOBODY);
    classPath = classPathForAll();
    child = MountingChild.start(AS_NOBODY, classPath, point.toString());
  }

  @AfterEach
  void unmount() throws Exception {
    if (child != null) {
      child.destroyForcibly().waitFor();
    }
    if (point != null && MountPoints.isMounted(point)) {
      MountPoints.unmount(point, true);
    }
  }

  /** The class path, where others may read it too. */
  private String classPathForAll() throws Exception {
    Path libraries = Files.createDirectory(scratch.resolve("lib"));
    List<String> out = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path to = libraries.resolve(String.valueOf(out.size()));
      if (Files.isRegularFile(Path.of(entry))) {
        Files.copy(Path.of(entry), to);
        out.add(to.toString());
      } else if (Files.isDirectory(Path.of(entry))) {
        copyTree(Path.of(entry), to);
        out.add(to.toString());
      }
    }
    assertEquals(0, run(List.of("chmod", "-R", "a+rX", libraries.toString())));
    return String.join(File.pathSeparator, out);
  }

  private static void copyTree(Path from, Path to) throws Exception {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file)));
      }
    }
  }

  private static int run(List<String> command) throws Exception {
    Process process = new ProcessBuilder(command).inheritIO().start();
    try {
      assertTrue(process.waitFor(30, TimeUnit.SECONDS), () -> "no end of " + command);
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  private int asNobody(String script) throws Exception {
    List<String> command = new ArrayList<>(AS_NOBODY);
    command.addAll(List.of("sh", "-ec", script.replace("@", point.toString())));
    return run(command);
  }

  private void endChild() throws Exception {
    child.getOutputStream().close();
    assertTrue(child.waitFor(30, TimeUnit.SECONDS));
    assertEquals(0, child.exitValue());
    assertFalse(MountPoints.isMounted(point));
  }

  @Test
  void itIsForItsUserAlone() throws Exception {
    assertEquals(0, asNobody("mkdir @/d; echo x > @/d/a; test $(stat -c %u @/d/a) = " + NOBODY));
    assertEquals(0, asNobody("rm -r @/d; test -z \"$(ls -A @)\""));
    assertFalse(Files.isReadable(point.resolve("d")));
    endChild();
  }

  @Test
  void itEndsThoughAFileIsOpen() throws Exception {
    List<String> command = new ArrayList<>(AS_NOBODY);
    command.addAll(List.of("sh", "-c", "exec 3> " + point + "/a; echo open; cat"));
    Process inside = new ProcessBuilder(command).start();
    try {
      assertEquals('o', inside.getInputStream().read());
      endChild();
    } finally {
      inside.destroyForcibly().waitFor();
    }
  }

  @Test
  void itIsTakenAwayByItsUserWhenItIsDead() throws Exception {
    child.destroyForcibly().waitFor();
    assertTrue(MountPoints.isMounted(point));
    child = MountingChild.start(AS_NOBODY, classPath, point.toString());
    assertEquals(0, asNobody("echo x > @/a"));
    endChild();
  }
}
