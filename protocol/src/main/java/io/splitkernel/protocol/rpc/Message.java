package io.splitkernel.protocol.rpc;

import io.splitkernel.protocol.sbe.MessageHeaderDecoder;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A message that has passed {@link MessageGate}: known, whole, and of exactly its length. Every
 * group and text in it can be read without leaving the buffer.
 *
 * @param templateId which message.
 * @param correlationId that a reply must carry; 0 for notices.
 * @param buffer header at offset 0, wrapped to the message's length.
 */
public record Message(int templateId, long correlationId, DirectBuffer buffer) {
  /** First reply. */
  static final int REPLY_MIN = 256;

  /** First notice. */
  static final int NOTICE_MIN = 512;

  /**
   * A decoder for the header, for {@code wrapAndApplyHeader}.
   *
   * @return a new decoder.
   */
  public MessageHeaderDecoder header() {
    return new MessageHeaderDecoder();
  }

  /**
   * A message that outlives the buffer in which this one has come.
   *
   * @return a copy.
   */
  public Message copy() {
    byte[] bytes = new byte[buffer.capacity()];
    buffer.getBytes(0, bytes);
    return new Message(templateId, correlationId, new UnsafeBuffer(bytes));
  }

  boolean isRequest() {
    return templateId < REPLY_MIN;
  }

  boolean isReply() {
    return templateId >= REPLY_MIN && templateId < NOTICE_MIN;
  }
}
