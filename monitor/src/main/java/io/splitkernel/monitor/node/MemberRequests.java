package io.splitkernel.monitor.node;

import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.monitor.membership.Member;
import io.splitkernel.monitor.placement.PlacementOutcome;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.cluster.ProgramInfo;
import io.splitkernel.protocol.rpc.Message;
import io.splitkernel.protocol.rpc.MessageHandler;
import io.splitkernel.protocol.rpc.ProtocolViolation;
import io.splitkernel.protocol.rpc.Replies;
import io.splitkernel.protocol.rpc.Roles;
import io.splitkernel.protocol.rpc.RpcConnection;
import io.splitkernel.protocol.sbe.AssignRegionDecoder;
import io.splitkernel.protocol.sbe.AssignRegionReplyEncoder;
import io.splitkernel.protocol.sbe.GiveUpVolumeDecoder;
import io.splitkernel.protocol.sbe.HeartbeatDecoder;
import io.splitkernel.protocol.sbe.LeaveDecoder;
import io.splitkernel.protocol.sbe.Outcome;
import io.splitkernel.protocol.sbe.ProgramEndedDecoder;
import io.splitkernel.protocol.sbe.ProgramStartedDecoder;
import io.splitkernel.protocol.sbe.RegisterDecoder;
import io.splitkernel.protocol.sbe.RegisterReplyEncoder;
import io.splitkernel.protocol.sbe.ReleaseSpaceDecoder;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers one member: first it registers, then everything else. What is no member's message goes to
 * {@link OperatorRequests}. Lives on the connection's thread.
 */
final class MemberRequests implements MessageHandler {
  private static final int COUNTERS_MAX = 256;
  private static final int COUNTER_NAME_CHARS_MAX = 64;

  private final ClusterState state;
  private final MonitorNodeConfig config;
  private final OperatorRequests operator;
  private Member member;

  MemberRequests(ClusterState state, MonitorNodeConfig config, OperatorRequests operator) {
    this.state = state;
    this.config = config;
    this.operator = operator;
  }

  @Override
  public void onMessage(Message message, RpcConnection from) throws ProtocolViolation {
    switch (message.templateId()) {
      case RegisterDecoder.TEMPLATE_ID -> register(message, from);
      case HeartbeatDecoder.TEMPLATE_ID -> heartbeat(message, from);
      case AssignRegionDecoder.TEMPLATE_ID -> assignRegion(message, from);
      case ReleaseSpaceDecoder.TEMPLATE_ID -> releaseSpace(message, from);
      case ProgramStartedDecoder.TEMPLATE_ID -> programStarted(message, from);
      case ProgramEndedDecoder.TEMPLATE_ID -> programEnded(message, from);
      case GiveUpVolumeDecoder.TEMPLATE_ID -> giveUpVolume(message, from);
      case LeaveDecoder.TEMPLATE_ID -> leave(message, from);
      default -> operator.onMessage(message, from);
    }
  }

  @Override
  public void onClosed(RpcConnection from, String reason) {
    if (member != null) {
      state.members().remove(member, false, reason);
    }
  }

  private void register(Message message, RpcConnection from) throws ProtocolViolation {
    if (member != null) {
      throw new ProtocolViolation("registered already");
    }
    Member.Description description = description(message, from);
    member = state.members().add(state.coordination().nextNodeId(), description, from);
    long nodeId = member.nodeId();
    from.reply(
        message.correlationId(),
        (buffer, header, id) -> {
          RegisterReplyEncoder reply =
              new RegisterReplyEncoder().wrapAndApplyHeader(buffer, 0, header);
          reply.correlationId(id).outcome(Outcome.OK).nodeId(nodeId);
          reply.heartbeatNs(config.heartbeatNs()).leaseNs(config.leaseNs());
          reply.vRegionBytes(config.vRegionBytes()).reason("");
          return reply.encodedLength();
        });
  }

  private static Member.Description description(Message message, RpcConnection from)
      throws ProtocolViolation {
    RegisterDecoder request = new RegisterDecoder();
    request.wrapAndApplyHeader(message.buffer(), 0, message.header());
    if (Roles.fromWire(request.role()) != from.peer().role()) {
      throw new ProtocolViolation("registers for another role than it joined with");
    }
    if (request.capacityBytes() < 0 || request.extentBytes() < 0 || request.fileCacheBytes() < 0) {
      throw new ProtocolViolation("negative capacity");
    }
    int port = request.port();
    RegisterDecoder.CounterNamesDecoder entries = request.counterNames();
    if (entries.count() > COUNTERS_MAX) {
      throw new ProtocolViolation(entries.count() + " counters are more than " + COUNTERS_MAX);
    }
    List<String> names = new ArrayList<>(entries.count());
    while (entries.hasNext()) {
      String name = entries.next().counter();
      if (name.length() > COUNTER_NAME_CHARS_MAX) {
        throw new ProtocolViolation("a counter's name is too long");
      }
      names.add(name);
    }
    String name = request.name();
    String host = request.host();
    if (name.length() > NodeIdentity.NAME_CHARS_MAX || host.length() > 255) {
      throw new ProtocolViolation("a name or host is too long");
    }
    FabricAddress address = host.isBlank() ? null : new FabricAddress(host, port);
    return new Member.Description(
        from.peer().role(),
        name,
        address,
        request.processId(),
        request.capacityBytes(),
        request.extentBytes(),
        request.fileCacheBytes(),
        List.copyOf(names));
  }

  private void heartbeat(Message message, RpcConnection from) throws ProtocolViolation {
    requireMember();
    HeartbeatDecoder beat = new HeartbeatDecoder();
    beat.wrapAndApplyHeader(message.buffer(), 0, message.header());
    long freeBytes = beat.freeBytes();
    HeartbeatDecoder.CountersDecoder entries = beat.counters();
    if (entries.count() != member.description().counterNames().size()) {
      throw new ProtocolViolation(entries.count() + " counters, but other names were told");
    }
    long[] values = new long[entries.count()];
    for (int i = 0; i < values.length; i++) {
      values[i] = entries.next().value();
    }
    state.members().heartbeat(member, freeBytes, values);
    Replies.done(from, message.correlationId(), Outcome.OK, "");
  }

  private void assignRegion(Message message, RpcConnection from) throws ProtocolViolation {
    AssignRegionDecoder request = new AssignRegionDecoder();
    request.wrapAndApplyHeader(message.buffer(), 0, message.header());
    requireOwn(request.spaceId());
    PlacementOutcome outcome =
        request.regionIndex() < 0
            ? new PlacementOutcome.Failed("negative vRegion")
            : state.placement().assign(request.spaceId(), request.regionIndex());
    switch (outcome) {
      case PlacementOutcome.Placed(Member at) -> replyAssign(message, from, Outcome.OK, at, 0, "");
      case PlacementOutcome.NoCapacity(long freeBytes) ->
          replyAssign(message, from, Outcome.NO_CAPACITY, null, freeBytes, "");
      case PlacementOutcome.Failed(String reason) ->
          replyAssign(message, from, Outcome.FAILED, null, 0, reason);
    }
  }

  private void replyAssign(
      Message message,
      RpcConnection from,
      Outcome outcome,
      Member at,
      long freeBytes,
      String reason) {
    FabricAddress address = at == null ? null : at.description().address();
    from.reply(
        message.correlationId(),
        (buffer, header, id) -> {
          AssignRegionReplyEncoder reply =
              new AssignRegionReplyEncoder().wrapAndApplyHeader(buffer, 0, header);
          reply.correlationId(id).outcome(outcome).nodeId(at == null ? 0 : at.nodeId());
          reply.port(address == null ? 0 : address.port());
          reply.vRegionBytes(config.vRegionBytes()).freeBytes(freeBytes);
          reply.host(address == null ? "" : address.host()).reason(Replies.cut(reason));
          return reply.encodedLength();
        });
  }

  private void releaseSpace(Message message, RpcConnection from) throws ProtocolViolation {
    ReleaseSpaceDecoder request = new ReleaseSpaceDecoder();
    request.wrapAndApplyHeader(message.buffer(), 0, message.header());
    requireOwn(request.spaceId());
    state.coordination().forgetSpace(request.spaceId());
    state.announcements().spaceEnded(request.spaceId());
    Replies.done(from, message.correlationId(), Outcome.OK, "");
  }

  private void programStarted(Message message, RpcConnection from) throws ProtocolViolation {
    ProgramStartedDecoder request = new ProgramStartedDecoder();
    request.wrapAndApplyHeader(message.buffer(), 0, message.header());
    requireOwn(request.globalPid());
    boolean known =
        state
            .programs()
            .started(
                new ProgramInfo(
                    request.globalPid(),
                    request.name(),
                    request.arguments(),
                    request.startEpochMs()));
    Replies.done(
        from,
        message.correlationId(),
        known ? Outcome.OK : Outcome.NO_CAPACITY,
        known ? "" : "no more programs can be remembered");
  }

  private void programEnded(Message message, RpcConnection from) throws ProtocolViolation {
    ProgramEndedDecoder request = new ProgramEndedDecoder();
    request.wrapAndApplyHeader(message.buffer(), 0, message.header());
    requireOwn(request.globalPid());
    boolean known = state.programs().ended(request.globalPid());
    Replies.done(
        from,
        message.correlationId(),
        known ? Outcome.OK : Outcome.UNKNOWN,
        known ? "" : "no such program");
  }

  private void giveUpVolume(Message message, RpcConnection from) throws ProtocolViolation {
    requireMember();
    GiveUpVolumeDecoder request = new GiveUpVolumeDecoder();
    request.wrapAndApplyHeader(message.buffer(), 0, message.header());
    long epoch = request.epoch();
    member.leave();
    boolean had = state.volumes().giveUp(request.volume(), member.nodeId(), epoch);
    Replies.done(
        from,
        message.correlationId(),
        had ? Outcome.OK : Outcome.WRONG_OWNER,
        had ? "" : "another one has the volume");
  }

  private void leave(Message message, RpcConnection from) throws ProtocolViolation {
    requireMember();
    Replies.done(from, message.correlationId(), Outcome.OK, "");
    state.members().remove(member, true, "left");
  }

  private void requireMember() throws ProtocolViolation {
    if (member == null) {
      throw new ProtocolViolation("not registered");
    }
  }

  private void requireOwn(long spaceOrProgram) throws ProtocolViolation {
    requireMember();
    if (NodeIdentity.nodeOf(spaceOrProgram) != member.nodeId()) {
      throw new ProtocolViolation(
          "0x" + Long.toHexString(spaceOrProgram) + " is not of node " + member.nodeId());
    }
  }
}
