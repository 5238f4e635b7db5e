package io.splitkernel.launcher.program;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class RawArgumentsTest {
  @Test
  void shouldKeepEmptyAndUndecodableArgumentsWhenSplitting() {
    List<byte[]> parts = RawArguments.split(new byte[] {'a', 0, 0, (byte) 0xff, (byte) 0xfe, 0});
    assertEquals(3, parts.size());
    assertArrayEquals(new byte[] {'a'}, parts.get(0));
    assertArrayEquals(new byte[0], parts.get(1));
    assertArrayEquals(new byte[] {(byte) 0xff, (byte) 0xfe}, parts.get(2));
  }

  @Test
  void shouldLeaveOneVariableOutAndKeepTheRestWhenReadingTheEnvironment() throws IOException {
    List<byte[]> all = RawArguments.environment("NO_SUCH_VARIABLE");
    List<byte[]> fewer = RawArguments.environment("PATH");
    assertEquals(all.size() - 1, fewer.size());
    assertTrue(
        fewer.stream()
            .noneMatch(e -> new String(e, StandardCharsets.ISO_8859_1).startsWith("PATH=")));
  }

  @Test
  void shouldTakeTheEnvironmentThatTheScriptSavedInPieces() {
    String given = "a.b=1\0S=secret\0X=\u00ff\n\0";
    byte[] text = Base64.getEncoder().encode(given.getBytes(StandardCharsets.ISO_8859_1));
    List<byte[]> own =
        List.of(
            "PATH=/bin".getBytes(StandardCharsets.US_ASCII),
            ("LEGO_ENVIRON_1=" + new String(text, 8, text.length - 8, StandardCharsets.US_ASCII))
                .getBytes(StandardCharsets.US_ASCII),
            ("LEGO_ENVIRON_0=" + new String(text, 0, 8, StandardCharsets.US_ASCII))
                .getBytes(StandardCharsets.US_ASCII),
            "LEGO_ENVIRON=2".getBytes(StandardCharsets.US_ASCII));
    List<byte[]> seen = RawArguments.environment(own, "S");
    assertEquals(2, seen.size());
    assertEquals("a.b=1", new String(seen.getFirst(), StandardCharsets.ISO_8859_1));
    assertEquals("X=\u00ff\n", new String(seen.getLast(), StandardCharsets.ISO_8859_1));
  }

  @Test
  void shouldTakeTheKernelsBytesWhenTheLastArgumentsAreTheSame() {
    byte[] latin = {'c', 'a', 'f', (byte) 0xe9};
    List<byte[]> all = List.of(new byte[] {'r', 'u', 'n'}, new byte[] {'a'}, latin);
    List<byte[]> raw = RawArguments.lastArguments(all, List.of("a", "caf\uFFFD"));
    assertEquals(2, raw.size());
    assertArrayEquals(latin, raw.get(1));
  }

  @Test
  void shouldEncodeWhatWasDecodedWhenTheProcessHasOtherArguments() {
    List<byte[]> all = List.of(new byte[] {'x'});
    assertArrayEquals(new byte[] {'a'}, RawArguments.lastArguments(all, List.of("a")).getFirst());
    assertArrayEquals(new byte[] {'b'}, RawArguments.lastArguments(all, List.of("a", "b")).get(1));
  }
}
