package io.splitkernel.protocol.files.wire;

import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.rpc.Message;
import io.splitkernel.protocol.rpc.MessageEncoder;
import io.splitkernel.protocol.sbe.FileReplyDecoder;
import io.splitkernel.protocol.sbe.FileReplyEncoder;
import io.splitkernel.protocol.sbe.MessageHeaderEncoder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** The answer to a {@link FileRequest}. Mutable, reusable; one thread. */
public final class FileAnswer implements MessageEncoder {
  /** As the volume's method returned it. */
  public long result;

  /** With ESTALE, the highest epoch of the volume that is known. */
  public long epoch;

  public final FileAttributes attributes = new FileAttributes();

  /** Inline bytes; of an answer that came, valid as long as its message. */
  public final UnsafeBuffer content = new UnsafeBuffer(0, 0);

  private final FileReplyEncoder encoder = new FileReplyEncoder();
  private final FileReplyDecoder decoder = new FileReplyDecoder();

  /** Begins a new answer, without content. */
  public void begin() {
    result = 0;
    epoch = 0;
    content.wrap(0, 0);
  }

  @Override
  public int encode(MutableDirectBuffer buffer, MessageHeaderEncoder header, long correlationId) {
    encoder.wrapAndApplyHeader(buffer, 0, header).correlationId(correlationId).result(result);
    FileAttributes a = attributes;
    encoder.fileId(a.id).mode(a.mode).links(a.links).uid(a.uid).gid(a.gid).device(a.device);
    encoder.sizeBytes(a.sizeBytes).allocatedBytes(a.allocatedBytes);
    encoder.accessedNs(a.accessedNs).modifiedNs(a.modifiedNs).changedNs(a.changedNs).epoch(epoch);
    encoder.putContent(content, 0, content.capacity());
    return encoder.encodedLength();
  }

  /**
   * Takes the values of a message.
   *
   * @param message that has passed the gate.
   */
  public void decode(Message message) {
    decoder.wrapAndApplyHeader(message.buffer(), 0, message.header());
    result = decoder.result();
    epoch = decoder.epoch();
    FileAttributes a = attributes;
    a.id = decoder.fileId();
    a.mode = decoder.mode();
    a.links = decoder.links();
    a.uid = decoder.uid();
    a.gid = decoder.gid();
    a.device = decoder.device();
    a.sizeBytes = decoder.sizeBytes();
    a.allocatedBytes = decoder.allocatedBytes();
    a.accessedNs = decoder.accessedNs();
    a.modifiedNs = decoder.modifiedNs();
    a.changedNs = decoder.changedNs();
    decoder.wrapContent((DirectBuffer) content);
  }
}
