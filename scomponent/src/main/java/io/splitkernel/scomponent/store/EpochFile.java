package io.splitkernel.scomponent.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * An epoch on disk, in two slots of a block each which are written in turn and in place: it takes
 * no space of a full disk, and a slot that was torn leaves the other one. When one slot is bad the
 * epoch counts as one above the other's, since that may have been taken. One thread at a time.
 */
final class EpochFile {
  /** How the name of one begins that is being made; no volume's does. */
  static final String FRESH = ".new-";

  private static final int SLOT = CheckedLayout.BLOCK;
  private static final long BAD = -1;

  private final Path path;

  EpochFile(Path path) {
    this.path = path;
  }

  /**
   * The epoch; 0 when there is no file.
   *
   * @throws IOException in one line when nothing in it is good.
   */
  long read() throws IOException {
    if (!Files.exists(path)) {
      return 0;
    }
    byte[] bytes = Files.readAllBytes(path);
    if (bytes.length < 2 * SLOT) {
      return earlierFormat(bytes);
    }
    long first = slot(bytes, 0);
    long second = slot(bytes, 1);
    if (first == BAD && second == BAD) {
      throw new IOException(path + ": neither of its epochs matches its checksum");
    }
    long highest = Math.max(first, second);
    return first == BAD || second == BAD ? highest + 1 : highest;
  }

  /** Earlier versions kept the number alone. */
  private long earlierFormat(byte[] bytes) throws IOException {
    String text = new String(bytes, StandardCharsets.ISO_8859_1).strip();
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IOException(path + ": '" + text + "' is no epoch", e);
    }
  }

  /** Returns when an epoch is on the device. */
  void write(long epoch) throws IOException {
    boolean slots = Files.exists(path) && Files.size(path) >= 2 * SLOT;
    if (!slots) {
      make(epoch);
      return;
    }
    byte[] bytes = Files.readAllBytes(path);
    int older = slot(bytes, 0) <= slot(bytes, 1) ? 0 : 1;
    DurableFile.overwrite(path, (long) older * SLOT, text(epoch));
  }

  private void make(long epoch) throws IOException {
    Path fresh = path.resolveSibling(FRESH + path.getFileName());
    Files.deleteIfExists(fresh);
    ByteBuffer both = ByteBuffer.allocate(2 * SLOT);
    both.put(0, text(epoch)).put(SLOT, text(epoch));
    DurableFile.make(fresh, both.array());
    Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
    VolumeDirectory.sync(path.toAbsolutePath().getParent());
  }

  private static byte[] text(long epoch) {
    String number = String.format(Locale.ROOT, "%019d", epoch);
    return (number + " " + sumOf(number) + "\n").getBytes(StandardCharsets.US_ASCII);
  }

  private static String sumOf(String number) {
    CRC32C crc = new CRC32C();
    crc.update(number.getBytes(StandardCharsets.US_ASCII));
    return "%08x".formatted(crc.getValue());
  }

  private static long slot(byte[] bytes, int number) {
    int length = text(0).length;
    String text = new String(bytes, number * SLOT, length, StandardCharsets.ISO_8859_1);
    String digits = text.substring(0, text.indexOf(' ') < 0 ? 0 : text.indexOf(' '));
    if (digits.isEmpty() || !text.equals(digits + " " + sumOf(digits) + "\n")) {
      return BAD;
    }
    return Long.parseLong(digits);
  }
}
