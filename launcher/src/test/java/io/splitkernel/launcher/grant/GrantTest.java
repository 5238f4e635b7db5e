package io.splitkernel.launcher.grant;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.splitkernel.ffi.FileCapability;
import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.root.MountTools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
final class GrantTest {
  @TempDir Path root;
  private final List<String> said = new ArrayList<>();

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void shouldGiveAndTakeBack() throws Exception {
    assumeTrue(MountTools.isRoot(), "root may give files to groups");
    Path device = Files.createDirectories(root.resolve("dev")).resolve("userfaultfd");
    Files.createFile(device);
    Path other = Files.createFile(root.resolve("group-1"));
    Files.setAttribute(other, "unix:gid", 1);
    String group = Files.getAttribute(other, "posix:group").toString();
    Path helper = root.resolve("usr/local/libexec/lego/lego-userfaultfd");
    Path rule = root.resolve("etc/udev/rules.d/60-lego-userfaultfd.rules");

    Grant grant = new Grant(root, said::add);
    grant.give(group);
    grant.give(group); // again, after an update
    assertEquals("rwxr-x---", permissions(helper));
    assertEquals(1, Files.getAttribute(helper, "unix:gid"));
    assertTrue(FileCapability.has(helper, FileCapability.SYS_PTRACE));
    assertTrue(Files.readString(rule).contains("GROUP=\"" + group + "\", MODE=\"0660\""));
    assertEquals("rw-rw----", permissions(device));
    assertEquals(6, said.size());
    try (var files = Files.list(helper.getParent())) {
      assertEquals(List.of(helper), files.toList());
    }

    grant.take();
    grant.take();
    assertFalse(Files.exists(helper));
    assertFalse(Files.exists(rule));
    assertEquals("rw-------", permissions(device));
    assertEquals(0, Files.getAttribute(device, "unix:gid"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a\"b", "-x", "A,B", "../x"})
  void shouldRefuseNamesThatNoGroupHas(String name) {
    LegoFailure refused = assertThrows(LegoFailure.class, () -> UserGroup.ensure(name, said::add));
    assertEquals(LegoFailure.USAGE, refused.exitStatus());
  }
}
