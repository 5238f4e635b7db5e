package io.splitkernel.pcomponent.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.EventFd;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.Userfaultfd;
import io.splitkernel.shims.NativeParts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The helper as root has it, which needs no file capability then. */
@Timeout(120)
final class PrivilegeBrokerTest {
  private static final long REGISTER_MODE_MISSING = Userfaultfd.REGISTER_MISSING;

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void install() throws IOException {
    assumeTrue(Privileges.own().mayPtrace(), "this process has CAP_SYS_PTRACE");
    file = directory.resolve("lego-userfaultfd");
    Files.write(file, NativeParts.bytes("lego-userfaultfd"));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  private static void assertReady(PrivilegeBroker helper) {
    try (Userfaultfd calls = new Userfaultfd()) {
      int own = calls.open();
      assertTrue(own >= 0, () -> Errno.text(own));
      assertEquals(-Errno.EINVAL, calls.register(own, 0, 0, REGISTER_MODE_MISSING));
      assertEquals(0, helper.makeReady(own));
      // once only: so it is the very userfaultfd that the helper has made ready
      assertEquals(-Errno.EINVAL, calls.api(own, 0));
      FileDescriptor.close(own);
    }
  }

  private static List<ProcessHandle> running() {
    return ProcessHandle.current()
        .children()
        .filter(child -> child.info().command().orElse("").endsWith("/lego-userfaultfd"))
        .toList();
  }

  @Test
  void shouldMakeUserfaultfdsReady() {
    try (PrivilegeBroker helper = new PrivilegeBroker(file)) {
      assertReady(helper);
      assertReady(helper);
      assertEquals(1, running().size());
    }
    assertEquals(List.of(), running());
  }

  @Test
  void shouldRefuseWhatIsNoUserfaultfd() throws IOException {
    try (PrivilegeBroker helper = new PrivilegeBroker(file);
        EventFd other = new EventFd()) {
      assertEquals(-Errno.EINVAL, helper.makeReady(other.descriptor()));
      // its name says userfaultfd, it is none
      Path named = Files.createFile(directory.resolve("anon_inode:[userfaultfd]"));
      try (var channel = Files.newByteChannel(named)) {
        int fd = FileDescriptor.reopenReadOnly(descriptorOf(named));
        assertTrue(channel.isOpen() && fd >= 0);
        assertEquals(-Errno.EINVAL, helper.makeReady(fd));
        FileDescriptor.close(fd);
      }
      assertReady(helper);
    }
  }

  private static int descriptorOf(Path path) throws IOException {
    try (var all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path each : all) {
        if (Files.isSymbolicLink(each)
            && Files.readSymbolicLink(each).toString().equals(path.toRealPath().toString())) {
          return Integer.parseInt(each.getFileName().toString());
        }
      }
    }
    throw new AssertionError(path + " is not open");
  }

  @Test
  void shouldStartAnotherOneWhenItWasKilled() throws Exception {
    try (PrivilegeBroker helper = new PrivilegeBroker(file)) {
      assertReady(helper);
      running().getFirst().destroyForcibly();
      assertReady(helper);
    }
    assertEquals(List.of(), running());
  }

  @Test
  void shouldAnswerThatNobodyIsPrivilegedWithoutAHelper() {
    try (PrivilegeBroker helper = new PrivilegeBroker(directory.resolve("nowhere"))) {
      assertEquals(-Errno.EPERM, helper.makeReady(0));
    }
  }
}
