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
  private ProtectionDomain domain;
  private CompletionQueue queue;
  private MemoryRegion region;
  private Connection data;
  private int rkey;
  private int inlineBytesMax;
  private long verifier;

  private FileLink(RpcConnection rpc) {
    this.rpc = rpc;
  }

  static FileLink connect(
      Fabric fabric,
      FabricAddress address,
      Secret secret,
      NodeIdentity identity,
      long clientId,
      FabricMemory buffers,
      long timeoutNs)
      throws FabricException {
    RpcConnection rpc =
        RpcConnection.connect(
            fabric,
            address,
            secret,
            identity,
            RpcSettings.DEFAULT,
            RpcEvents.NONE,
            new LossNotice(),
            timeoutNs);
    FileLink link = new FileLink(rpc);
    boolean open = false;
    try {
      link.open(fabric, address, clientId, buffers, timeoutNs);
      open = true;
    } finally {
      if (!open) {
        link.close();
      }
    }
    return link;
  }

  private void open(
      Fabric fabric, FabricAddress address, long clientId, FabricMemory buffers, long timeoutNs)
      throws FabricException {
    CallResult result =
        rpc.call(
            OpenFilesReplyDecoder.TEMPLATE_ID,
            (buffer, header, id) ->
                new OpenFilesEncoder()
                    .wrapAndApplyHeader(buffer, 0, header)
                    .correlationId(id)
                    .clientId(clientId)
                    .encodedLength(),
            timeoutNs);
    if (!(result instanceof CallResult.Reply(Message message))) {
      throw new FabricException("openFiles at " + address + ": " + result.failure());
    }
    OpenFilesReplyDecoder reply = new OpenFilesReplyDecoder();
    reply.wrapAndApplyHeader(message.buffer(), 0, message.header());
    if (reply.outcome() != Outcome.OK) {
      throw new FabricException("openFiles at " + address + ": " + reply.reason());
    }
    inlineBytesMax = reply.inlineBytesMax();
    verifier = reply.verifier();
    domain = fabric.allocateProtectionDomain();
    queue = fabric.createCompletionQueue(2 * DEPTH);
    long length = buffers.lengthBytes();
    int access = Access.LOCAL_WRITE | Access.REMOTE_READ | Access.REMOTE_WRITE;
    region = domain.register(buffers, 0, length, buffers.segment().address(), access);
    ConnectionPreamble preamble =
        new ConnectionPreamble(
            ConnectionPreamble.Kind.FILES, clientId, reply.tokenHigh(), reply.tokenLow());
    int remote = Access.REMOTE_READ | Access.REMOTE_WRITE;
    ConnectionConfig config =
        new ConnectionConfig(domain, queue, queue, DEPTH, DEPTH, remote, timeoutNs);
    data = fabric.connect(address, config, preamble.encode(), timeoutNs);
    rkey = region.rkeyOn(data);
  }

  RpcConnection rpc() {
    return rpc;
  }

  int rkey() {
    return rkey;
  }

  /** Another one than before says that what was not synced may be lost. */
  long verifier() {
    return verifier;
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
