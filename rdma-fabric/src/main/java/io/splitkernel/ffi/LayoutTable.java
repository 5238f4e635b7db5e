package io.splitkernel.ffi;

import io.splitkernel.shims.NativeParts;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * A table of sizes, offsets and numbers that travels in the jar, as NAME=VALUE lines. Immutable.
 */
public final class LayoutTable {
  private final String file;
  private final Map<String, String> values;

  /**
   * Reads a table.
   *
   * @param file name of the native part.
   */
  public LayoutTable(String file) {
    this.file = file;
    Properties table = new Properties();
    try {
      table.load(new ByteArrayInputStream(NativeParts.bytes(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    values =
        table.stringPropertyNames().stream()
            .collect(Collectors.toUnmodifiableMap(name -> name, table::getProperty));
  }

  /**
   * One figure.
   *
   * @param name of a line.
   * @return its value.
   * @throws IllegalArgumentException when the table has no such line.
   */
  public long of(String name) {
    String value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException(file + " has no line for " + name);
    }
    return Long.parseLong(value.trim());
  }
}
