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
  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static int statusOf(String name, String path) {
    return assertThrows(LegoFailure.class, () -> Executable.check(bytes(name), bytes(path), ""))
        .exitStatus();
  }

  @Test
  void shouldPassWhenTheProgramIsInThePath() {
    assertDoesNotThrow(() -> Executable.check(bytes("sh"), bytes("/no/such:/bin"), ""));
    assertDoesNotThrow(() -> Executable.check(bytes("sh"), null, ""));
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

  @Test
  void shouldPassNamesThatMeanNothingInTheLocale(@TempDir Path directory) throws Exception {
    String script = "cp /bin/true \"$1/$(printf 'n\\377')\"";
    new ProcessBuilder("sh", "-c", script, "sh", directory.toString()).start().waitFor();
    byte[] inPath = bytes(directory.toString());
    assertDoesNotThrow(() -> Executable.check(bytes("n\u00ff"), inPath, ""));
    assertDoesNotThrow(() -> Executable.check(bytes(directory + "/n\u00ff"), null, ""));
    assertEquals(127, statusOf(directory + "/n\u00fe", ""));
  }
}
