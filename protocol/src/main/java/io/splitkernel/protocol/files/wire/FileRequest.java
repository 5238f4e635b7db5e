package io.splitkernel.protocol.files.wire;

import io.splitkernel.protocol.files.VolumeUse;
import io.splitkernel.protocol.rpc.Message;
import io.splitkernel.protocol.rpc.MessageEncoder;
import io.splitkernel.protocol.sbe.FileCallDecoder;
import io.splitkernel.protocol.sbe.FileCallEncoder;
import io.splitkernel.protocol.sbe.FileOperation;
import io.splitkernel.protocol.sbe.MessageHeaderEncoder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** One operation on a volume, to be sent or as it came. Mutable, reusable; one thread. */
public final class FileRequest implements MessageEncoder {
  public FileOperation operation;
  public boolean retry;
  public int flags;
  public long fileId;
  public long newId;
  public long offset;
  public long lengthBytes;
  public int mode;
  public int uid;
  public int gid;

  /** Key and address of the client's buffer; an address of 0 says that the bytes are inline. */
  public int rkey;

  public long remoteAddress;
  public long accessedNs;
  public long modifiedNs;

  /** Of the volume's owner, under which this is asked; see {@link VolumeUse}. */
  public long epoch;

  /** Not sent: losses of unsynced bytes that the client knew of when it asked. */
  public int losses;

  public String volume;
  public String path;
  public String other;

  /** Inline bytes; of a request that came, valid as long as its message. */
  public final UnsafeBuffer content = new UnsafeBuffer(0, 0);

  private final FileCallEncoder encoder = new FileCallEncoder();
  private final FileCallDecoder decoder = new FileCallDecoder();

  /**
   * Begins a new request; everything else is 0 or empty.
   *
   * @param newOperation to ask for.
   * @param newVolume name of the volume.
   * @param newPath in it.
   * @return this.
   */
  public FileRequest begin(FileOperation newOperation, String newVolume, String newPath) {
    operation = newOperation;
    retry = false;
    flags = 0;
    fileId = 0;
    newId = 0;
    offset = 0;
    lengthBytes = 0;
    mode = 0;
    uid = 0;
    gid = 0;
    rkey = 0;
    remoteAddress = 0;
    accessedNs = 0;
    modifiedNs = 0;
    epoch = 0;
    losses = 0;
    volume = newVolume;
    path = newPath;
    other = "";
    content.wrap(0, 0);
    return this;
  }

  @Override
  public int encode(MutableDirectBuffer buffer, MessageHeaderEncoder header, long correlationId) {
    encoder.wrapAndApplyHeader(buffer, 0, header).correlationId(correlationId);
    encoder.operation(operation).retry((short) (retry ? 1 : 0)).flags(flags);
    encoder.fileId(fileId).newId(newId).fileOffset(offset).lengthBytes(lengthBytes);
    encoder.mode(mode).uid(uid).gid(gid).rkey(rkey).remoteAddress(remoteAddress);
    encoder.accessedNs(accessedNs).modifiedNs(modifiedNs).epoch(epoch);
    encoder.volume(volume).path(path).other(other);
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
    operation = decoder.operation();
    retry = decoder.retry() != 0;
    flags = decoder.flags();
    fileId = decoder.fileId();
    newId = decoder.newId();
    offset = decoder.fileOffset();
    lengthBytes = decoder.lengthBytes();
    mode = decoder.mode();
    uid = decoder.uid();
    gid = decoder.gid();
    rkey = decoder.rkey();
    remoteAddress = decoder.remoteAddress();
    accessedNs = decoder.accessedNs();
    modifiedNs = decoder.modifiedNs();
    epoch = decoder.epoch();
    volume = decoder.volume();
    path = decoder.path();
    other = decoder.other();
    decoder.wrapContent((DirectBuffer) content);
  }
}
