package io.splitkernel.protocol.rpc;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What a connecting side hands over with its request, before anything is trusted.
 *
 * @param kind what the connection is for.
 * @param spaceId of the address space, for data.
 * @param tokenHigh upper half of the space's token, for data.
 * @param tokenLow lower half.
 */
public record ConnectionPreamble(Kind kind, long spaceId, long tokenHigh, long tokenLow) {
  /** What a connection is for. */
  public enum Kind {
    /** Messages. */
    CONTROL,
    /** One-sided operations in one address space. */
    DATA,
    /** One-sided operations of a file server on the buffers of its client. */
    FILES
  }

  private static final int MAGIC = 0x4F47454C;
  private static final short VERSION = 1;
  private static final int BYTES = 32;

  /**
   * For messages.
   *
   * @return the preamble.
   */
  public static ConnectionPreamble control() {
    return new ConnectionPreamble(Kind.CONTROL, 0, 0, 0);
  }

  /**
   * As bytes.
   *
   * @return private data for a connect.
   */
  public byte[] encode() {
    ByteBuffer buffer = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putInt(MAGIC).putShort(VERSION).putShort((short) kind.ordinal());
    buffer.putLong(spaceId).putLong(tokenHigh).putLong(tokenLow);
    return buffer.array();
  }

  /**
   * From bytes.
   *
   * @param bytes untrusted private data; trailing zeroes are allowed.
   * @return the preamble, or null when it is none.
   */
  public static ConnectionPreamble decode(byte[] bytes) {
    if (bytes == null || bytes.length < BYTES) {
      return null;
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (buffer.getInt() != MAGIC || buffer.getShort() != VERSION) {
      return null;
    }
    int kind = buffer.getShort();
    if (kind < 0 || kind >= Kind.values().length) {
      return null;
    }
    return new ConnectionPreamble(
        Kind.values()[kind], buffer.getLong(), buffer.getLong(), buffer.getLong());
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "ConnectionPreamble[kind=" + kind + ", spaceId=0x" + Long.toHexString(spaceId) + "]";
  }
}
