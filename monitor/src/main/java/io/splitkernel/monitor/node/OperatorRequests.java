package io.splitkernel.monitor.node;

import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.monitor.membership.Member;
import io.splitkernel.monitor.placement.VolumeOwners;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.cluster.ProgramInfo;
import io.splitkernel.protocol.rpc.CallResult;
import io.splitkernel.protocol.rpc.Message;
import io.splitkernel.protocol.rpc.ProtocolViolation;
import io.splitkernel.protocol.rpc.Replies;
import io.splitkernel.protocol.rpc.Roles;
import io.splitkernel.protocol.rpc.RpcConnection;
import io.splitkernel.protocol.sbe.DoneDecoder;
import io.splitkernel.protocol.sbe.FindVolumeDecoder;
import io.splitkernel.protocol.sbe.FindVolumeReplyEncoder;
import io.splitkernel.protocol.sbe.KillProgramDecoder;
import io.splitkernel.protocol.sbe.KillProgramEncoder;
import io.splitkernel.protocol.sbe.ListNodesDecoder;
import io.splitkernel.protocol.sbe.ListNodesReplyEncoder;
import io.splitkernel.protocol.sbe.ListProgramsDecoder;
import io.splitkernel.protocol.sbe.ListProgramsReplyEncoder;
import io.splitkernel.protocol.sbe.NodeStatsDecoder;
import io.splitkernel.protocol.sbe.NodeStatsReplyEncoder;
import io.splitkernel.protocol.sbe.Outcome;
import io.splitkernel.protocol.sbe.ShutdownClusterDecoder;
import java.util.List;

/** Answers what operators ask, on any joined connection. Thread-safe: keeps nothing. */
final class OperatorRequests {
  /** Entries of a page, so that the longest texts fit a message of 64 KiB. */
  private static final int PAGE = 32;

  private final ClusterState state;
  private final long callTimeoutNs;
  private final Runnable onShutdown;

  OperatorRequests(ClusterState state, long callTimeoutNs, Runnable onShutdown) {
    this.state = state;
    this.callTimeoutNs = callTimeoutNs;
    this.onShutdown = onShutdown;
  }

  void onMessage(Message message, RpcConnection from) throws ProtocolViolation {
    switch (message.templateId()) {
      case ListNodesDecoder.TEMPLATE_ID -> listNodes(message, from);
      case ListProgramsDecoder.TEMPLATE_ID -> listPrograms(message, from);
      case NodeStatsDecoder.TEMPLATE_ID -> nodeStats(message, from);
      case FindVolumeDecoder.TEMPLATE_ID -> findVolume(message, from);
      case KillProgramDecoder.TEMPLATE_ID -> killProgram(message, from);
      case ShutdownClusterDecoder.TEMPLATE_ID -> shutdown(message, from);
      default -> throw ProtocolViolation.unexpected(message);
    }
  }

  private void listNodes(Message message, RpcConnection from) {
    ListNodesDecoder request = new ListNodesDecoder();
    request.wrapAndApplyHeader(message.buffer(), 0, message.header());
    List<Member> page = state.members().page(request.afterNodeId(), PAGE);
    from.reply(
        message.correlationId(),
        (buffer, header, id) -> {
          ListNodesReplyEncoder reply =
              new ListNodesReplyEncoder().wrapAndApplyHeader(buffer, 0, header);
          reply.correlationId(id).more((short) (page.size() == PAGE ? 1 : 0));
          ListNodesReplyEncoder.NodesEncoder entries = reply.nodesCount(page.size());
          for (Member member : page) {
            put(entries.next(), member);
          }
          return reply.encodedLength();
        });
  }

  private void put(ListNodesReplyEncoder.NodesEncoder entry, Member member) {
    Member.Description about = member.description();
    boolean listens = about.address() != null;
    entry.nodeId(member.nodeId()).role(Roles.toWire(about.role()));
    entry.port(listens ? about.address().port() : 0).processId(about.processId());
    entry.capacityBytes(about.capacityBytes()).freeBytes(member.freeBytes());
    entry.heartbeatAgeNs(state.members().silentNs(member));
    entry.regions(state.coordination().regionsAt(member.nodeId()));
    entry.name(about.name()).host(listens ? about.address().host() : "");
  }

  private void listPrograms(Message message, RpcConnection from) {
    ListProgramsDecoder request = new ListProgramsDecoder();
    request.wrapAndApplyHeader(message.buffer(), 0, message.header());
    List<ProgramInfo> page = state.programs().page(request.afterGlobalPid(), PAGE);
    from.reply(
        message.correlationId(),
        (buffer, header, id) -> {
          ListProgramsReplyEncoder reply =
              new ListProgramsReplyEncoder().wrapAndApplyHeader(buffer, 0, header);
          reply.correlationId(id).more((short) (page.size() == PAGE ? 1 : 0));
          ListProgramsReplyEncoder.ProgramsEncoder entries = reply.programsCount(page.size());
          for (ProgramInfo program : page) {
            entries.next().globalPid(program.globalPid());
            entries.nodeId(NodeIdentity.nodeOf(program.globalPid()));
            entries.startEpochMs(program.startEpochMs());
            entries.name(program.name()).arguments(program.arguments());
          }
          return reply.encodedLength();
        });
  }

  private void nodeStats(Message message, RpcConnection from) {
    NodeStatsDecoder request = new NodeStatsDecoder();
    request.wrapAndApplyHeader(message.buffer(), 0, message.header());
    Member member = state.members().find(request.nodeId());
    List<String> names = member == null ? List.of() : member.description().counterNames();
    long[] values = member == null ? new long[0] : member.counters();
    from.reply(
        message.correlationId(),
        (buffer, header, id) -> {
          NodeStatsReplyEncoder reply =
              new NodeStatsReplyEncoder().wrapAndApplyHeader(buffer, 0, header);
          reply.correlationId(id).outcome(member == null ? Outcome.UNKNOWN : Outcome.OK);
          NodeStatsReplyEncoder.CountersEncoder entries = reply.countersCount(names.size());
          for (int i = 0; i < values.length; i++) {
            entries.next().value(values[i]).counter(names.get(i));
          }
          reply.reason(member == null ? "no such node" : "");
          return reply.encodedLength();
        });
  }

  private void findVolume(Message message, RpcConnection from) {
    FindVolumeDecoder request = new FindVolumeDecoder();
    request.wrapAndApplyHeader(message.buffer(), 0, message.header());
    long refused = Math.max(0, request.refusedEpoch());
    VolumeOwners.Found found =
        state.volumes().find(request.volume(), request.preferredNodeId(), refused);
    from.reply(
        message.correlationId(),
        (buffer, header, id) -> {
          FindVolumeReplyEncoder reply =
              new FindVolumeReplyEncoder().wrapAndApplyHeader(buffer, 0, header);
          reply.correlationId(id).outcome(found == null ? Outcome.NO_CAPACITY : Outcome.OK);
          Member at = found == null ? null : found.member();
          FabricAddress address = at == null ? null : at.description().address();
          reply.nodeId(at == null ? 0 : at.nodeId()).port(address == null ? 0 : address.port());
          reply.epoch(found == null ? 0 : found.entry().epoch());
          reply.keptSinceEpoch(found == null ? 0 : found.entry().keptSinceEpoch());
          reply.host(address == null ? "" : address.host());
          reply.reason(found == null ? "no more volumes can be remembered" : "");
          return reply.encodedLength();
        });
  }

  private void killProgram(Message message, RpcConnection from) {
    KillProgramDecoder request = new KillProgramDecoder();
    request.wrapAndApplyHeader(message.buffer(), 0, message.header());
    long globalPid = request.globalPid();
    int signal = request.signal();
    Member member = state.members().find(NodeIdentity.nodeOf(globalPid));
    if (member == null || !state.programs().runs(globalPid)) {
      Replies.done(from, message.correlationId(), Outcome.UNKNOWN, "no such program");
      return;
    }
    if (member.connection().equals(from)) {
      Replies.done(
          from, message.correlationId(), Outcome.FAILED, "the program is the caller's own");
      return;
    }
    CallResult result =
        member
            .connection()
            .call(
                DoneDecoder.TEMPLATE_ID,
                (buffer, header, id) ->
                    new KillProgramEncoder()
                        .wrapAndApplyHeader(buffer, 0, header)
                        .correlationId(id)
                        .globalPid(globalPid)
                        .signal(signal)
                        .encodedLength(),
                callTimeoutNs);
    boolean delivered = result instanceof CallResult.Reply;
    Replies.done(
        from,
        message.correlationId(),
        delivered ? Outcome.OK : Outcome.FAILED,
        delivered ? "" : result.failure());
  }

  private void shutdown(Message message, RpcConnection from) {
    Replies.done(from, message.correlationId(), Outcome.OK, "");
    state.announcements().shutdown();
    onShutdown.run();
  }
}
