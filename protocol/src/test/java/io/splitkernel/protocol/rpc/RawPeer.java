package io.splitkernel.protocol.rpc;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.Secret;
import java.security.SecureRandom;

/** A peer that connects and then sends whatever it likes. */
final class RawPeer implements AutoCloseable {
  static final long TIMEOUT_NS = 30_000_000_000L;
  private static final RpcSettings SETTINGS =
      new RpcSettings(128 * 1024, 16, 16, 16, TIMEOUT_NS, TIMEOUT_NS);

  private final MessageChannel channel;
  private final byte[] received = new byte[SETTINGS.messageBytesMax()];

  RawPeer(Fabric fabric, FabricAddress address) throws FabricException {
    channel = MessageChannel.open(fabric, SETTINGS);
    channel.attach(
        fabric.connect(
            address, channel.config(SETTINGS), ConnectionPreamble.control().encode(), TIMEOUT_NS));
  }

  RawPeer join(Secret secret, NodeIdentity self) throws ProtocolViolation {
    new JoinHandshake(
            channel,
            secret,
            new SecureRandom(),
            SETTINGS.messageBytesMax(),
            System.nanoTime(),
            TIMEOUT_NS)
        .connect(self);
    return this;
  }

  boolean send(byte[] bytes) {
    return channel.send(
        (buffer, header, id) -> {
          buffer.putBytes(0, bytes);
          return bytes.length - 8;
        },
        0,
        TIMEOUT_NS);
  }

  boolean send(long correlationId, MessageEncoder encoder) {
    return channel.send(encoder, correlationId, TIMEOUT_NS);
  }

  /** Length of the next message, or one of the channel's negative constants. */
  int receive() {
    return channel.receive(received, TIMEOUT_NS);
  }

  @Override
  public void close() {
    channel.close();
  }
}
