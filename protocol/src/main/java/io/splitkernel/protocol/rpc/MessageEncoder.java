package io.splitkernel.protocol.rpc;

import io.splitkernel.protocol.sbe.MessageHeaderEncoder;
import org.agrona.MutableDirectBuffer;

/** Writes one message. */
@FunctionalInterface
public interface MessageEncoder {
  /**
   * Writes header and body from offset 0.
   *
   * @param buffer of the longest message's size.
   * @param header to apply.
   * @param correlationId to put into the message.
   * @return length of the body, as the generated encoders' {@code encodedLength} tells.
   */
  int encode(MutableDirectBuffer buffer, MessageHeaderEncoder header, long correlationId);
}
