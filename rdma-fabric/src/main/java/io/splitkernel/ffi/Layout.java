package io.splitkernel.ffi;

import io.splitkernel.shims.NativeParts;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * Sizes, offsets and numbers as the C compiler saw them in the headers of the machine that built
 * the jar. Nothing of that kind is typed in on the Java side. Control path: read into constants.
 */
public final class Layout {
  private static final Map<String, String> TABLE = load();

  private Layout() {}

  /**
   * One figure.
   *
   * @param name as in {@code lego_layout.c}: {@code LEGO_BLOB_BYTES}, {@code sizeof(lego_lane)} or
   *     {@code lego_lane.done}.
   * @return its value.
   * @throws IllegalArgumentException when the table has no such line.
   */
  public static long of(String name) {
    String value = TABLE.get(name);
    if (value == null) {
      throw new IllegalArgumentException("the native layout table has no line for " + name);
    }
    return Long.parseLong(value.trim());
  }

  private static Map<String, String> load() {
    Properties table = new Properties();
    try {
      table.load(new ByteArrayInputStream(NativeParts.bytes("layout.properties")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return table.stringPropertyNames().stream()
        .collect(Collectors.toUnmodifiableMap(name -> name, table::getProperty));
  }
}
