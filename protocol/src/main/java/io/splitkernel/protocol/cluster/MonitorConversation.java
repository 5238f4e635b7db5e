package io.splitkernel.protocol.cluster;

import io.splitkernel.protocol.rpc.Message;
import io.splitkernel.protocol.rpc.MessageHandler;
import io.splitkernel.protocol.rpc.ProtocolViolation;
import io.splitkernel.protocol.rpc.Replies;
import io.splitkernel.protocol.rpc.Roles;
import io.splitkernel.protocol.rpc.RpcConnection;
import io.splitkernel.protocol.sbe.GrantRegionDecoder;
import io.splitkernel.protocol.sbe.KillProgramDecoder;
import io.splitkernel.protocol.sbe.NodeLostDecoder;
import io.splitkernel.protocol.sbe.Outcome;
import io.splitkernel.protocol.sbe.ShutdownNoticeDecoder;
import io.splitkernel.protocol.sbe.SpaceEndedDecoder;

/** Hands what the monitor asks and tells to a {@link MonitorListener}. */
final class MonitorConversation implements MessageHandler {
  private final MonitorListener listener;
  private volatile boolean cancelled;

  MonitorConversation(MonitorListener listener) {
    this.listener = listener;
  }

  /** From now on the end of the connection is no loss. */
  void cancel() {
    cancelled = true;
  }

  @Override
  public void onMessage(Message message, RpcConnection from) throws ProtocolViolation {
    switch (message.templateId()) {
      case GrantRegionDecoder.TEMPLATE_ID -> grantRegion(message, from);
      case KillProgramDecoder.TEMPLATE_ID -> killProgram(message, from);
      case NodeLostDecoder.TEMPLATE_ID -> nodeLost(message);
      case SpaceEndedDecoder.TEMPLATE_ID -> {
        SpaceEndedDecoder notice = new SpaceEndedDecoder();
        notice.wrapAndApplyHeader(message.buffer(), 0, message.header());
        listener.onSpaceEnded(notice.spaceId());
      }
      case ShutdownNoticeDecoder.TEMPLATE_ID -> listener.onShutdown();
      default -> throw ProtocolViolation.unexpected(message);
    }
  }

  private void grantRegion(Message message, RpcConnection from) {
    GrantRegionDecoder request = new GrantRegionDecoder();
    request.wrapAndApplyHeader(message.buffer(), 0, message.header());
    boolean taken =
        listener.onRegionGranted(request.spaceId(), request.regionIndex(), request.vRegionBytes());
    Replies.done(
        from,
        message.correlationId(),
        taken ? Outcome.OK : Outcome.NO_CAPACITY,
        taken ? "" : "no more vRegions can be taken");
  }

  private void killProgram(Message message, RpcConnection from) {
    KillProgramDecoder request = new KillProgramDecoder();
    request.wrapAndApplyHeader(message.buffer(), 0, message.header());
    boolean delivered = listener.onKill(request.globalPid(), request.signal());
    Replies.done(
        from,
        message.correlationId(),
        delivered ? Outcome.OK : Outcome.UNKNOWN,
        delivered ? "" : "no such program");
  }

  private void nodeLost(Message message) throws ProtocolViolation {
    NodeLostDecoder notice = new NodeLostDecoder();
    notice.wrapAndApplyHeader(message.buffer(), 0, message.header());
    listener.onNodeLost(
        new LostNode(notice.nodeId(), Roles.fromWire(notice.role()), notice.reason()));
  }

  @Override
  public void onClosed(RpcConnection from, String reason) {
    if (!cancelled) {
      listener.onMonitorLost(reason);
    }
  }
}
