package io.splitkernel.protocol.rpc;

import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.sbe.ChallengeDecoder;
import io.splitkernel.protocol.sbe.ChallengeEncoder;
import io.splitkernel.protocol.sbe.HelloDecoder;
import io.splitkernel.protocol.sbe.HelloEncoder;
import io.splitkernel.protocol.sbe.ProofDecoder;
import io.splitkernel.protocol.sbe.ProofEncoder;
import io.splitkernel.protocol.sbe.WelcomeDecoder;
import io.splitkernel.protocol.sbe.WelcomeEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;

/**
 * Challenge and response before anything else. The connecting side says hello with a nonce, gets a
 * nonce, proves first that it knows the secret, and then sees the same proof from the listening
 * side; labels keep one side's proof from serving as the other's.
 *
 * <pre>
 * connecting                     listening
 *   Hello(identity, nonceC)  -&gt;
 *                            &lt;-  Challenge(nonceL)
 *   Proof(mac)               -&gt;
 *                            &lt;-  Welcome(mac)
 * </pre>
 */
final class JoinHandshake {
  static final int PROTOCOL_VERSION = 1;
  private static final String CONNECTING = "lego join: connecting side";
  private static final String LISTENING = "lego join: listening side";

  private final MessageChannel channel;
  private final Secret secret;
  private final SecureRandom random;
  private final long startNs;
  private final long timeoutNs;
  private final MessageGate gate = new MessageGate();
  private final byte[] bytes;

  JoinHandshake(
      MessageChannel channel,
      Secret secret,
      SecureRandom random,
      int messageBytesMax,
      long startNs,
      long timeoutNs) {
    this.startNs = startNs;
    this.channel = channel;
    this.secret = secret;
    this.random = random;
    this.timeoutNs = timeoutNs;
    this.bytes = new byte[messageBytesMax];
  }

  /** The connecting side. */
  void connect(NodeIdentity self) throws ProtocolViolation {
    byte[] ownNonce = nonce();
    send((buffer, header, id) -> {
      HelloEncoder hello = new HelloEncoder().wrapAndApplyHeader(buffer, 0, header);
      hello.correlationId(id).protocolVersion(PROTOCOL_VERSION);
      hello.role(Roles.toWire(self.role())).nodeId(self.nodeId());
      hello.putNonce(ownNonce, 0, ownNonce.length).name(self.name());
      return hello.encodedLength();
    });
    Message reply = receive(ChallengeDecoder.TEMPLATE_ID);
    ChallengeDecoder challenge = new ChallengeDecoder();
    challenge.wrapAndApplyHeader(reply.buffer(), 0, reply.header());
    byte[] peerNonce = new byte[Secret.MAC_BYTES];
    challenge.getNonce(peerNonce, 0, peerNonce.length);
    byte[] identity = identityBytes(self);
    byte[] proof = secret.mac(CONNECTING, identity, ownNonce, peerNonce);
    send((buffer, header, id) -> {
      ProofEncoder message = new ProofEncoder().wrapAndApplyHeader(buffer, 0, header);
      message.correlationId(id).putMac(proof, 0, proof.length);
      return message.encodedLength();
    });
    reply = receive(WelcomeDecoder.TEMPLATE_ID);
    WelcomeDecoder welcome = new WelcomeDecoder();
    welcome.wrapAndApplyHeader(reply.buffer(), 0, reply.header());
    byte[] mac = new byte[Secret.MAC_BYTES];
    welcome.getMac(mac, 0, mac.length);
    if (!MessageDigest.isEqual(mac, secret.mac(LISTENING, identity, ownNonce, peerNonce))) {
      throw new ProtocolViolation("the listening side does not know the secret");
    }
  }

  /** The listening side. */
  NodeIdentity accept() throws ProtocolViolation {
    Message first = receive(HelloDecoder.TEMPLATE_ID);
    HelloDecoder hello = new HelloDecoder();
    hello.wrapAndApplyHeader(first.buffer(), 0, first.header());
    if (hello.protocolVersion() != PROTOCOL_VERSION) {
      throw new ProtocolViolation(
          "the peer speaks protocol version " + hello.protocolVersion() + ", not 1");
    }
    byte[] peerNonce = new byte[Secret.MAC_BYTES];
    hello.getNonce(peerNonce, 0, peerNonce.length);
    NodeIdentity peer = identity(hello);
    byte[] ownNonce = nonce();
    send((buffer, header, id) -> {
      ChallengeEncoder message = new ChallengeEncoder().wrapAndApplyHeader(buffer, 0, header);
      message.correlationId(id).putNonce(ownNonce, 0, ownNonce.length);
      return message.encodedLength();
    });
    Message second = receive(ProofDecoder.TEMPLATE_ID);
    ProofDecoder proof = new ProofDecoder();
    proof.wrapAndApplyHeader(second.buffer(), 0, second.header());
    byte[] mac = new byte[Secret.MAC_BYTES];
    proof.getMac(mac, 0, mac.length);
    byte[] identity = identityBytes(peer);
    if (!MessageDigest.isEqual(mac, secret.mac(CONNECTING, identity, peerNonce, ownNonce))) {
      throw new ProtocolViolation("'" + peer.name() + "' does not know the secret");
    }
    byte[] own = secret.mac(LISTENING, identity, peerNonce, ownNonce);
    send((buffer, header, id) -> {
      WelcomeEncoder message = new WelcomeEncoder().wrapAndApplyHeader(buffer, 0, header);
      message.correlationId(id).putMac(own, 0, own.length);
      return message.encodedLength();
    });
    return peer;
  }

  private static NodeIdentity identity(HelloDecoder hello) throws ProtocolViolation {
    try {
      return new NodeIdentity(hello.nodeId(), Roles.fromWire(hello.role()), hello.name());
    } catch (IllegalArgumentException e) {
      throw new ProtocolViolation(e.getMessage());
    }
  }

  private byte[] nonce() {
    byte[] nonce = new byte[Secret.MAC_BYTES];
    random.nextBytes(nonce);
    return nonce;
  }

  private static byte[] identityBytes(NodeIdentity identity) {
    byte[] name = identity.name().getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(Long.BYTES + 1 + name.length)
        .putLong(identity.nodeId())
        .put((byte) identity.role().ordinal())
        .put(name)
        .array();
  }

  private void send(MessageEncoder encoder) throws ProtocolViolation {
    if (!channel.send(encoder, 1, 0)) {
      throw new ProtocolViolation("the peer has gone");
    }
  }

  private Message receive(int templateId) throws ProtocolViolation {
    long remaining = timeoutNs - (System.nanoTime() - startNs);
    int length = channel.receive(bytes, Math.max(remaining, 0));
    switch (length) {
      case MessageChannel.TIMED_OUT ->
          throw new ProtocolViolation(
              "the peer did not join within " + timeoutNs / 1_000_000 + " ms");
      case MessageChannel.BROKEN ->
          throw new ProtocolViolation(
              "the peer closed the connection before it had joined ("
                  + channel.brokenReason()
                  + "); do both sides have the same secret?");
      case MessageChannel.OVERSIZED -> throw new ProtocolViolation("an oversized message");
      default -> {}
    }
    Message message = gate.check(bytes, length);
    if (message.templateId() != templateId) {
      throw new ProtocolViolation(
          "message " + message.templateId() + " before the peer has joined");
    }
    return message;
  }
}
