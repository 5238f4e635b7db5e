package io.splitkernel.launcher.program;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.splitkernel.launcher.LegoFailure;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class ExecutableTest {
  private static int statusOf(String name, String path) {
    return assertThrows(
            LegoFailure.class, () -> Executable.check(name.getBytes(StandardCharsets.UTF_8), path))
        .exitStatus();
  }

  @Test
  void shouldPassWhenTheProgramIsInThePath() {
    assertDoesNotThrow(() -> Executable.check(new byte[] {'s', 'h'}, "/no/such:/bin"));
    assertDoesNotThrow(() -> Executable.check(new byte[] {'s', 'h'}, null));
  }

  @Test
  void shouldAnswer127WhenThereIsNone() {
    assertEquals(127, statusOf("no-such-program", "/usr/bin:/bin"));
    assertEquals(127, statusOf("./no-such-program", "/usr/bin:/bin"));
    assertEquals(127, statusOf("", "/usr/bin:/bin"));
  }

  @Test
  void shouldAnswer126WhenItMayNotBeExecuted(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("data"), "not a program");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertEquals(126, statusOf(file.toString(), ""));
    assertEquals(126, statusOf("data", directory.toString()));
    assertEquals(126, statusOf(directory.toString(), ""));
  }
}
