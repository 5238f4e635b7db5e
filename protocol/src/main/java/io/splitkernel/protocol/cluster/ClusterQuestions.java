package io.splitkernel.protocol.cluster;

import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.protocol.rpc.CallResult;
import io.splitkernel.protocol.rpc.Message;
import io.splitkernel.protocol.rpc.MessageEncoder;
import io.splitkernel.protocol.rpc.ProtocolViolation;
import io.splitkernel.protocol.rpc.Roles;
import io.splitkernel.protocol.rpc.RpcConnection;
import io.splitkernel.protocol.sbe.FindVolumeEncoder;
import io.splitkernel.protocol.sbe.FindVolumeReplyDecoder;
import io.splitkernel.protocol.sbe.ListNodesEncoder;
import io.splitkernel.protocol.sbe.ListNodesReplyDecoder;
import io.splitkernel.protocol.sbe.ListProgramsEncoder;
import io.splitkernel.protocol.sbe.ListProgramsReplyDecoder;
import io.splitkernel.protocol.sbe.NodeStatsEncoder;
import io.splitkernel.protocol.sbe.NodeStatsReplyDecoder;
import io.splitkernel.protocol.sbe.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What operators ask the monitor. Long answers come in pages. */
final class ClusterQuestions {
  private final RpcConnection rpc;
  private final long timeoutNs;

  ClusterQuestions(RpcConnection rpc, long timeoutNs) {
    this.rpc = rpc;
    this.timeoutNs = timeoutNs;
  }

  List<NodeInfo> nodes() throws FabricException {
    List<NodeInfo> all = new ArrayList<>();
    boolean more = true;
    while (more) {
      long after = all.isEmpty() ? 0 : all.getLast().nodeId();
      Message message =
          ask(
              "listNodes",
              ListNodesReplyDecoder.TEMPLATE_ID,
              (buffer, header, id) ->
                  new ListNodesEncoder()
                      .wrapAndApplyHeader(buffer, 0, header)
                      .correlationId(id)
                      .afterNodeId(after)
                      .encodedLength());
      ListNodesReplyDecoder reply = new ListNodesReplyDecoder();
      reply.wrapAndApplyHeader(message.buffer(), 0, message.header());
      boolean announced = reply.more() != 0;
      int before = all.size();
      for (ListNodesReplyDecoder.NodesDecoder node : reply.nodes()) {
        all.add(node(node));
      }
      more = announced && all.size() > before;
    }
    return all;
  }

  private static NodeInfo node(ListNodesReplyDecoder.NodesDecoder node) throws FabricException {
    int port = node.port();
    String name = node.name();
    String host = node.host();
    try {
      return new NodeInfo(
          node.nodeId(),
          Roles.fromWire(node.role()),
          name,
          host.isEmpty() ? null : new FabricAddress(host, port),
          node.processId(),
          node.capacityBytes(),
          node.freeBytes(),
          node.heartbeatAgeNs(),
          node.regions());
    } catch (ProtocolViolation e) {
      throw new FabricException("listNodes: " + e.getMessage(), e);
    }
  }

  List<ProgramInfo> programs() throws FabricException {
    List<ProgramInfo> all = new ArrayList<>();
    boolean more = true;
    while (more) {
      long after = all.isEmpty() ? 0 : all.getLast().globalPid();
      Message message =
          ask(
              "listPrograms",
              ListProgramsReplyDecoder.TEMPLATE_ID,
              (buffer, header, id) ->
                  new ListProgramsEncoder()
                      .wrapAndApplyHeader(buffer, 0, header)
                      .correlationId(id)
                      .afterGlobalPid(after)
                      .encodedLength());
      ListProgramsReplyDecoder reply = new ListProgramsReplyDecoder();
      reply.wrapAndApplyHeader(message.buffer(), 0, message.header());
      boolean announced = reply.more() != 0;
      int before = all.size();
      for (ListProgramsReplyDecoder.ProgramsDecoder program : reply.programs()) {
        all.add(
            new ProgramInfo(
                program.globalPid(), program.name(), program.arguments(), program.startEpochMs()));
      }
      more = announced && all.size() > before;
    }
    return all;
  }

  List<NodeCounters> stats() throws FabricException {
    List<NodeCounters> all = new ArrayList<>();
    for (NodeInfo node : nodes()) {
      Message message =
          ask(
              "stats",
              NodeStatsReplyDecoder.TEMPLATE_ID,
              (buffer, header, id) ->
                  new NodeStatsEncoder()
                      .wrapAndApplyHeader(buffer, 0, header)
                      .correlationId(id)
                      .nodeId(node.nodeId())
                      .encodedLength());
      NodeStatsReplyDecoder reply = new NodeStatsReplyDecoder();
      reply.wrapAndApplyHeader(message.buffer(), 0, message.header());
      boolean present = reply.outcome() == Outcome.OK;
      Map<String, Long> values = new LinkedHashMap<>();
      for (NodeStatsReplyDecoder.CountersDecoder counter : reply.counters()) {
        long value = counter.value();
        values.put(counter.counter(), value);
      }
      if (present) {
        all.add(new NodeCounters(node, values));
      }
    }
    return all;
  }

  VolumePlace volume(String volume, long preferredNodeId, long refusedEpoch)
      throws FabricException {
    Message message =
        ask(
            "findVolume",
            FindVolumeReplyDecoder.TEMPLATE_ID,
            (buffer, header, id) ->
                new FindVolumeEncoder()
                    .wrapAndApplyHeader(buffer, 0, header)
                    .correlationId(id)
                    .preferredNodeId(preferredNodeId)
                    .refusedEpoch(refusedEpoch)
                    .volume(volume)
                    .encodedLength());
    FindVolumeReplyDecoder reply = new FindVolumeReplyDecoder();
    reply.wrapAndApplyHeader(message.buffer(), 0, message.header());
    Outcome outcome = reply.outcome();
    long nodeId = reply.nodeId();
    int port = reply.port();
    String host = reply.host();
    if (outcome != Outcome.OK) {
      throw new FabricException("findVolume " + volume + ": " + reply.reason());
    }
    FabricAddress address = nodeId == 0 ? null : new FabricAddress(host, port);
    return new VolumePlace(nodeId, address, reply.epoch(), reply.keptSinceEpoch());
  }

  private Message ask(String question, int replyTemplateId, MessageEncoder encoder)
      throws FabricException {
    CallResult result = rpc.call(replyTemplateId, encoder, timeoutNs);
    if (result instanceof CallResult.Reply(Message message)) {
      return message;
    }
    throw new FabricException(question + ": " + result.failure());
  }
}
