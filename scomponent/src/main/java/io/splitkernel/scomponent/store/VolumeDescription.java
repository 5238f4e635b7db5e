package io.splitkernel.scomponent.store;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.zip.CRC32C;

/**
 * What the file {@code volume} of a volume says, in lines {@code NAME=VALUE} of which the last one
 * is the checksum of those before.
 *
 * @param quotaBytes of the volume, 0 for none.
 */
record VolumeDescription(long quotaBytes) {
  private static final String FORMAT = "1";
  private static final String SUM = "crc32c=";

  /** Writes a new file, and returns when its bytes are on the device. */
  void write(Path file) throws IOException {
    String lines = "format=" + FORMAT + "\nquota=" + quotaBytes + "\n";
    String text = lines + SUM + sumOf(lines) + "\n";
    DurableFile.make(file, text.getBytes(StandardCharsets.US_ASCII));
  }

  /**
   * Reads one; those of earlier versions have no checksum.
   *
   * @throws IOException in one line when it is not what was written.
   */
  static VolumeDescription read(Path file) throws IOException {
    String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    int sumAt = text.indexOf(SUM);
    if (sumAt >= 0
        && !text.substring(sumAt).strip().equals(SUM + sumOf(text.substring(0, sumAt)))) {
      throw new IOException(file + " does not match its checksum");
    }
    Properties properties = new Properties();
    properties.load(new StringReader(text));
    String format = properties.getProperty("format");
    if (!FORMAT.equals(format)) {
      throw new IOException(file + ": format '" + format + "' is unknown");
    }
    String quota = properties.getProperty("quota", "");
    try {
      return new VolumeDescription(Long.parseLong(quota));
    } catch (NumberFormatException e) {
      throw new IOException(file + ": quota '" + quota + "' is no number", e);
    }
  }

  private static String sumOf(String lines) {
    CRC32C crc = new CRC32C();
    crc.update(lines.getBytes(StandardCharsets.ISO_8859_1));
    return "%08x".formatted(crc.getValue());
  }
}
