package io.splitkernel.launcher.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
final class SizeTest {
  @ParameterizedTest
  @CsvSource({
    "4096,4096",
    "64k,65536",
    "1M,1048576",
    "3g,3221225472",
    "2t,2199023255552",
    "4097,4096"
  })
  void shouldReadPowersOf1024WhenAUnitIsGiven(String text, long bytes) {
    assertEquals(bytes, Size.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "m",
        "0",
        "0g",
        "-1",
        "-64m",
        "1.5g",
        "64 m",
        "64mb",
        "0x10",
        "1e3",
        "4095",
        "3k",
        "9223372036854775808",
        "99999999999999999999g",
        "8388608t",
        "٣m"
      })
  void shouldRefuseInOneLineThatNamesTheTextWhenItIsAbsurd(String text) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Size.parse(text)).getMessage();
    assertTrue(message.startsWith("'" + text + "' "), message);
    assertEquals(1, message.lines().count());
  }

  @ParameterizedTest
  @CsvSource({"0,0", "8,8", "4097,4097", "3k,3072", "64K,65536"})
  void shouldKeepEveryByteWhenWholePagesAreNotWanted(String text, long bytes) {
    assertEquals(bytes, Size.bytes(text));
  }

  @Property
  void shouldReadBackWhatItWrote(
      @ForAll @LongRange(min = 1, max = Long.MAX_VALUE / 4096) long pages) {
    assertEquals(pages * 4096, Size.parse(Size.text(pages * 4096)));
  }

  @Test
  void shouldRoundToOneDigitWhenWrittenForPeople() {
    assertEquals("23.5 GiB", Size.rounded(25_232_932_864L));
    assertEquals("512 B", Size.rounded(512));
    assertEquals("8.0 EiB", Size.rounded(Long.MAX_VALUE));
  }
}
