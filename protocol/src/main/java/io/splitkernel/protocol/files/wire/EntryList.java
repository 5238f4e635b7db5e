package io.splitkernel.protocol.files.wire;

import io.splitkernel.protocol.files.DirectorySink;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Entries of a directory as bytes: for each its id, its cookie (8 bytes), its type, the length of
 * its name (2 bytes), and the name in UTF-8.
 */
public final class EntryList implements DirectorySink {
  private static final int ID = 0;
  private static final int COOKIE = 8;
  private static final int TYPE = 16;
  private static final int LENGTH = 18;
  private static final int NAME = 20;

  private UnsafeBuffer into;
  private int limit;
  private int length;

  /**
   * Begins a list.
   *
   * @param buffer to fill.
   * @param limitBytes of it that may be used.
   * @return this.
   */
  public EntryList begin(UnsafeBuffer buffer, int limitBytes) {
    into = buffer;
    limit = limitBytes;
    length = 0;
    return this;
  }

  /** Bytes that are filled. */
  public int lengthBytes() {
    return length;
  }

  @Override
  public boolean entry(String name, long id, int type, long cookie) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    if (length + NAME + bytes.length > limit) {
      return false;
    }
    into.putLong(length + ID, id);
    into.putLong(length + COOKIE, cookie);
    into.putShort(length + TYPE, (short) type);
    into.putShort(length + LENGTH, (short) bytes.length);
    into.putBytes(length + NAME, bytes);
    length += NAME + bytes.length;
    return true;
  }

  /**
   * Reads a list.
   *
   * @param list untrusted bytes.
   * @param sink takes the entries.
   * @return number of entries taken, or -1 when the bytes are no list.
   */
  public static int read(DirectBuffer list, DirectorySink sink) {
    int count = 0;
    int at = 0;
    while (at < list.capacity()) {
      int rest = list.capacity() - at;
      int nameBytes = rest < NAME ? -1 : list.getShort(at + LENGTH);
      if (nameBytes <= 0 || nameBytes > rest - NAME) {
        return -1;
      }
      String name = list.getStringWithoutLengthUtf8(at + NAME, nameBytes);
      int type = list.getShort(at + TYPE) & 0xffff;
      if (!sink.entry(name, list.getLong(at + ID), type, list.getLong(at + COOKIE))) {
        break;
      }
      at += NAME + nameBytes;
      count++;
    }
    return count;
  }
}
