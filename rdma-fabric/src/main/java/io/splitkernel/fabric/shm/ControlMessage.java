package io.splitkernel.fabric.shm;

import io.splitkernel.fabric.FabricLimits;
import io.splitkernel.ffi.FileDescriptor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A message of the control socket: a header (magic, version, type, length), a body, descriptors.
 * What comes in is checked here; a message that is not exactly right does not exist.
 *
 * @param type what it is.
 * @param body after the header.
 * @param descriptors that came along, owned by the receiver.
 */
@SuppressWarnings("ArrayRecordComponent")
record ControlMessage(Type type, ByteBuffer body, int[] descriptors) {
  static final int BYTES_MAX = 512;
  static final int REASON_MAX = 128;
  private static final int MAGIC = 0x4C53484D;
  private static final short VERSION = 1;
  private static final int HEADER_BYTES = 12;

  /** Kinds of messages, with their body's size and descriptors. */
  enum Type {
    /** Connector to acceptor: introduction, private data; table, queue event, doorbell. */
    HELLO(Introduction.BYTES, Introduction.BYTES + FabricLimits.PRIVATE_DATA_BYTES_MAX, 3),
    /** Acceptor to connector: introduction; table, queue event, doorbell, connection memory. */
    ACCEPT(Introduction.BYTES, Introduction.BYTES, 4),
    /** Acceptor to connector: a reason. */
    REJECT(0, REASON_MAX, 0),
    /** Asks the owner for the descriptor of a memory. */
    MEMORY_REQUEST(4, 4, 0),
    /** The answer: id and length; descriptor. */
    MEMORY(12, 12, 1),
    /** The owner has closed a memory, or has none of this id. */
    MEMORY_GONE(4, 4, 0),
    /** The receiver's end broke by a request of the sender: status ordinal. */
    FAILED(4, 4, 0);

    private final int bytesMin;
    private final int bytesMax;
    private final int descriptors;

    Type(int bytesMin, int bytesMax, int descriptors) {
      this.bytesMin = bytesMin;
      this.bytesMax = bytesMax;
      this.descriptors = descriptors;
    }
  }

  private static final Type[] TYPES = Type.values();

  private static ByteBuffer start(Type type, int bodyBytes) {
    return ByteBuffer.allocate(HEADER_BYTES + bodyBytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(MAGIC)
        .putShort(VERSION)
        .putShort((short) type.ordinal())
        .putInt(bodyBytes);
  }

  private static byte[] bytes(ByteBuffer message) {
    byte[] bytes = new byte[message.flip().remaining()];
    message.get(bytes);
    return bytes;
  }

  static byte[] hello(Introduction introduction, byte[] privateData) {
    ByteBuffer message = start(Type.HELLO, Introduction.BYTES + privateData.length);
    introduction.write(message);
    return bytes(message.put(privateData));
  }

  static byte[] accept(Introduction introduction) {
    ByteBuffer message = start(Type.ACCEPT, Introduction.BYTES);
    introduction.write(message);
    return bytes(message);
  }

  static byte[] reject(String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    byte[] cut = text.length > REASON_MAX ? Arrays.copyOf(text, REASON_MAX) : text;
    return bytes(start(Type.REJECT, cut.length).put(cut));
  }

  static byte[] memory(int memoryId, long lengthBytes) {
    return bytes(start(Type.MEMORY, 12).putInt(memoryId).putLong(lengthBytes));
  }

  static byte[] ofInt(Type type, int value) {
    return bytes(start(type, 4).putInt(value));
  }

  /** Parses what was received, or null, with the descriptors closed, when it is malformed. */
  static ControlMessage parse(byte[] bytes, int length, boolean truncated, int[] descriptors) {
    ControlMessage message = truncated ? null : parse(bytes, length, descriptors);
    if (message == null) {
      closeAll(descriptors);
    }
    return message;
  }

  private static ControlMessage parse(byte[] bytes, int length, int[] descriptors) {
    if (length < HEADER_BYTES) {
      return null;
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, length).order(ByteOrder.LITTLE_ENDIAN);
    if (buffer.getInt() != MAGIC || buffer.getShort() != VERSION) {
      return null;
    }
    int code = buffer.getShort();
    int bodyBytes = buffer.getInt();
    if (code < 0 || code >= TYPES.length || bodyBytes != length - HEADER_BYTES) {
      return null;
    }
    Type type = TYPES[code];
    if (bodyBytes < type.bytesMin
        || bodyBytes > type.bytesMax
        || descriptors.length != type.descriptors) {
      return null;
    }
    return new ControlMessage(type, buffer, descriptors);
  }

  /** Rest of the body. */
  byte[] rest() {
    byte[] rest = new byte[body.remaining()];
    body.get(rest);
    return rest;
  }

  /** Closes the descriptors of a message that is not used. */
  void discard() {
    closeAll(descriptors);
  }

  private static void closeAll(int[] descriptors) {
    for (int fd : descriptors) {
      FileDescriptor.close(fd);
    }
  }
}
