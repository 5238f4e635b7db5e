package io.splitkernel.pcomponent.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileCapability;
import io.splitkernel.pcomponent.access.AccessCheck.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class AccessCheckTest {
  private static final Privileges USER = new Privileges(0, ~0L, false);

  @TempDir Path directory;

  private Path helper() throws IOException {
    Path file = Files.writeString(directory.resolve("helper"), "");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-x---"));
    return file;
  }

  @Test
  void shouldReadWhatAProcessMayDo() {
    String status =
        """
        Name:\tcat
        CapPrm:\t0000000000000000
        CapEff:\t0000000000080000
        CapBnd:\t000001fffff7ffff
        NoNewPrivs:\t1
        """;
    Privileges read = Privileges.parse(status);
    assertEquals(new Privileges(0x80000L, 0x1fffff7ffffL, true), read);
    assertTrue(read.mayPtrace());
    assertEquals(false, read.mayGainPtrace());
  }

  @Test
  void shouldTellWhatKeepsTheHelperFromItsPrivilege() throws IOException {
    Path helper = helper();
    assertTrue(
        HelperFile.lack(helper, new Privileges(0, ~0L, true)).detail().contains("no_new_privs"));
    assertTrue(HelperFile.lack(helper, new Privileges(0, 0, false)).cure().contains("--cap-add"));
    Answer absent = HelperFile.lack(directory.resolve("nowhere"), USER);
    assertTrue(absent.cure().contains("lego grant --group"), absent::cure);
    assertTrue(HelperFile.lack(helper, USER).detail().contains("has lost its capability"));
    assertNull(HelperFile.lack(directory.resolve("nowhere"), new Privileges(~0L, ~0L, false)));
  }

  @Test
  void shouldBeContentWithAHelperThatHasItsCapability() throws IOException {
    Path helper = helper();
    long given = FileCapability.set(helper, FileCapability.SYS_PTRACE);
    assumeTrue(given == 0, "this process may give files capabilities: " + Errno.text(given));
    assertNull(HelperFile.lack(helper, USER));
    assertEquals(false, FileCapability.has(helper, 0));
  }

  @Test
  void shouldTellHowTheDeviceIsToBeHad() throws IOException {
    Path device = directory.resolve("userfaultfd");
    assertTrue(DeviceFile.lack(device, "alice", -Errno.EPERM).cure().contains("--device"));
    Files.createFile(device);
    Files.setPosixFilePermissions(device, PosixFilePermissions.fromString("rw-------"));
    assertTrue(DeviceFile.lack(device, "alice", -Errno.EPERM).cure().contains("lego grant"));
    Files.setPosixFilePermissions(device, PosixFilePermissions.fromString("rw-rw----"));
    assumeTrue(isRoot(), "root may give files to groups");
    Files.setAttribute(device, "unix:gid", 1);
    Answer member = DeviceFile.lack(device, "alice", -Errno.EPERM);
    String group = Files.getAttribute(device, "posix:group").toString();
    assertTrue(member.cure().contains("usermod -aG " + group + " alice"), member::cure);
  }

  private static boolean isRoot() throws IOException {
    return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
  }

  @Test
  void shouldSayWhatIsMissingInOneLine() {
    Answer fine = new Answer("ptrace", "yes", "");
    Answer device = new Answer("userfaultfd", "not yours", "ask");
    assertEquals("", AccessCheck.obstacle(List.of(fine)));
    assertEquals(
        "not yours: ask; and reboot",
        AccessCheck.obstacle(
            List.of(
                fine,
                device,
                new Answer("fork events", "not there", "ask"),
                new Answer("x", "old", "reboot"))));
  }
}
