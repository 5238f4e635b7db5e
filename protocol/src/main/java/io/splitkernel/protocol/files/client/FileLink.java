package io.splitkernel.protocol.files.client;

import io.splitkernel.fabric.Access;
import io.splitkernel.fabric.CompletionQueue;
import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.FabricMemory;
import io.splitkernel.fabric.MemoryRegion;
import io.splitkernel.fabric.ProtectionDomain;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.rpc.CallResult;
import io.splitkernel.protocol.rpc.ConnectionPreamble;
import io.splitkernel.protocol.rpc.LossNotice;
import io.splitkernel.protocol.rpc.Message;
import io.splitkernel.protocol.rpc.RpcConnection;
import io.splitkernel.protocol.rpc.RpcEvents;
import io.splitkernel.protocol.rpc.RpcSettings;
import io.splitkernel.protocol.sbe.OpenFilesEncoder;
import io.splitkernel.protocol.sbe.OpenFilesReplyDecoder;
import io.splitkernel.protocol.sbe.Outcome;

/**
 * One connection to a file server: messages, and a connection by which the server reaches the
 * client's buffers. Once {@link #close} has returned the server reaches them no more, so that they
 * can be used again.
 */
final class FileLink implements AutoCloseable {
  private static final int DEPTH = 4;

  private final RpcConnection rpc;
  private final VolumeRoute route;
  private ProtectionDomain domain;
  private CompletionQueue queue;
  private MemoryRegion region;
  private Connection data;
  private int rkey;
  private int inlineBytesMax;
  private long verifier;
  private long storageVerifier;
  private int losses;

  private FileLink(RpcConnection rpc, VolumeRoute route) {
    this.rpc = rpc;
    this.route = route;
  }

  static FileLink connect(
      Fabric fabric,
      VolumeRoute route,
      Secret secret,
      NodeIdentity identity,
      long clientId,
      FabricMemory buffers,
      long timeoutNs)
      throws FabricException {
    RpcConnection rpc =
        RpcConnection.connect(
            fabric,
            route.address(),
            secret,
            identity,
            RpcSettings.DEFAULT,
            RpcEvents.NONE,
            new LossNotice(),
            timeoutNs);
    FileLink link = new FileLink(rpc, route);
    boolean open = false;
    try {
      link.open(fabric, clientId, buffers, timeoutNs);
      open = true;
    } finally {
      if (!open) {
        link.close();
      }
    }
    return link;
  }

  private void open(Fabric fabric, long clientId, FabricMemory buffers, long timeoutNs)
      throws FabricException {
    FabricAddress address = route.address();
    CallResult result =
        rpc.call(
            OpenFilesReplyDecoder.TEMPLATE_ID,
            (buffer, header, id) ->
                new OpenFilesEncoder()
                    .wrapAndApplyHeader(buffer, 0, header)
                    .correlationId(id)
                    .clientId(clientId)
                    .epoch(route.epoch())
                    .volume(route.volume())
                    .encodedLength(),
            timeoutNs);
    if (!(result instanceof CallResult.Reply(Message message))) {
      throw new FabricException("openFiles at " + address + ": " + result.failure());
    }
    OpenFilesReplyDecoder reply = new OpenFilesReplyDecoder();
    reply.wrapAndApplyHeader(message.buffer(), 0, message.header());
    Outcome outcome = reply.outcome();
    long epoch = reply.epoch();
    inlineBytesMax = reply.inlineBytesMax();
    verifier = reply.verifier();
    storageVerifier = reply.storageVerifier();
    if (outcome != Outcome.OK) {
      String failure = "openFiles at " + address + ": " + reply.reason();
      throw outcome == Outcome.WRONG_OWNER
          ? new EpochRefusedException(failure, epoch)
          : new FabricException(failure);
    }
    connectData(fabric, clientId, buffers, reply.tokenHigh(), reply.tokenLow(), timeoutNs);
  }

  private void connectData(
      Fabric fabric,
      long clientId,
      FabricMemory buffers,
      long tokenHigh,
      long tokenLow,
      long timeoutNs)
      throws FabricException {
    domain = fabric.allocateProtectionDomain();
    queue = fabric.createCompletionQueue(2 * DEPTH);
    long length = buffers.lengthBytes();
    int access = Access.LOCAL_WRITE | Access.REMOTE_READ | Access.REMOTE_WRITE;
    region = domain.register(buffers, 0, length, buffers.segment().address(), access);
    ConnectionPreamble preamble =
        new ConnectionPreamble(ConnectionPreamble.Kind.FILES, clientId, tokenHigh, tokenLow);
    int remote = Access.REMOTE_READ | Access.REMOTE_WRITE;
    ConnectionConfig config =
        new ConnectionConfig(domain, queue, queue, DEPTH, DEPTH, remote, timeoutNs);
    data = fabric.connect(route.address(), config, preamble.encode(), timeoutNs);
    rkey = region.rkeyOn(data);
  }

  RpcConnection rpc() {
    return rpc;
  }

  int rkey() {
    return rkey;
  }

  VolumeRoute route() {
    return route;
  }

  /** Another one than before says that what was not synced there may be lost. */
  long verifier() {
    return verifier;
  }

  /** As {@link #verifier}, of the storage component behind the server, or the server itself. */
  long storageVerifier() {
    return storageVerifier;
  }

  /** Whether what was not synced is lost for whoever goes on with this link after an other one. */
  boolean losesAfter(FileLink earlier) {
    if (verifier == earlier.verifier) {
      return false;
    }
    boolean direct = earlier.verifier == earlier.storageVerifier;
    boolean kept = direct || earlier.route.epoch() >= route.keptSinceEpoch();
    return !kept || storageVerifier != earlier.storageVerifier;
  }

  /** How often {@link Unsynced} had heard of a loss when this link began. */
  int losses() {
    return losses;
  }

  void losses(int count) {
    losses = count;
  }

  int inlineBytesMax() {
    return inlineBytesMax;
  }

  @Override
  public void close() {
    if (data != null) {
      data.close();
    }
    if (region != null) {
      region.close();
    }
    if (queue != null) {
      queue.close();
    }
    if (domain != null) {
      domain.close();
    }
    rpc.close();
  }
}
