package io.splitkernel.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class SecretTest {
  private static final String TEXT = "correct horse battery";

  @TempDir private Path directory;

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  @Test
  void shouldNeverPrintItself() {
    assertFalse(Secret.of(TEXT).toString().contains("horse"));
  }

  @Test
  void shouldPreferTheFileToTheEnvironment() throws IOException {
    Path file = Files.writeString(directory.resolve("secret"), TEXT + "\n");
    byte[] part = {1};
    assertArrayEquals(Secret.of(TEXT).mac("x", part), Secret.load(file, "other").mac("x", part));
    assertArrayEquals(
        Secret.of("from environment").mac("x", part),
        Secret.load(null, "from environment").mac("x", part));
    assertNull(Secret.load(null, null));
    assertNull(Secret.load(null, " "));
  }

  @Test
  void shouldRefuseASecretThatIsTooShort() {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> Secret.of("short"));
    assertFalse(refused.getMessage().contains("short;"));
  }

  @Test
  void shouldTellPartsApartThatJoinToTheSameBytes() {
    Secret secret = Secret.of(TEXT);
    byte[] ab = "ab".getBytes(StandardCharsets.UTF_8);
    byte[] c = "c".getBytes(StandardCharsets.UTF_8);
    byte[] a = "a".getBytes(StandardCharsets.UTF_8);
    byte[] bc = "bc".getBytes(StandardCharsets.UTF_8);
    assertNotEquals(hex(secret.mac("x", ab, c)), hex(secret.mac("x", a, bc)));
    assertNotEquals(hex(secret.mac("x", ab)), hex(secret.mac("y", ab)));
    assertEquals(hex(secret.mac("x", ab)), hex(Secret.of(TEXT).mac("x", ab)));
  }
}
