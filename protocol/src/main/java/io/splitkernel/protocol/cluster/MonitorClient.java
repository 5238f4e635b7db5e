package io.splitkernel.protocol.cluster;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.rpc.CallResult;
import io.splitkernel.protocol.rpc.Message;
import io.splitkernel.protocol.rpc.MessageEncoder;
import io.splitkernel.protocol.rpc.RpcConnection;
import io.splitkernel.protocol.rpc.RpcEvents;
import io.splitkernel.protocol.rpc.RpcSettings;
import io.splitkernel.protocol.sbe.AssignRegionEncoder;
import io.splitkernel.protocol.sbe.AssignRegionReplyDecoder;
import io.splitkernel.protocol.sbe.DoneDecoder;
import io.splitkernel.protocol.sbe.GiveUpVolumeEncoder;
import io.splitkernel.protocol.sbe.KillProgramEncoder;
import io.splitkernel.protocol.sbe.LeaveEncoder;
import io.splitkernel.protocol.sbe.Outcome;
import io.splitkernel.protocol.sbe.ProgramEndedEncoder;
import io.splitkernel.protocol.sbe.ProgramStartedEncoder;
import io.splitkernel.protocol.sbe.RegisterReplyDecoder;
import io.splitkernel.protocol.sbe.ReleaseSpaceEncoder;
import io.splitkernel.protocol.sbe.ShutdownClusterEncoder;
import java.util.List;

/**
 * A connection to the monitor: a member's ({@link #join}), kept alive by heartbeats, or an
 * operator's ({@link #connect}). Blocking calls with deadlines; any control thread.
 */
public final class MonitorClient implements AutoCloseable {
  private static final long LEAVE_TIMEOUT_NS = 500_000_000L;

  private final RpcConnection rpc;
  private final MonitorConversation conversation;
  private final long timeoutNs;
  private final Heartbeats heartbeats;
  private final long nodeId;
  private final long vRegionBytes;

  private MonitorClient(
      RpcConnection rpc,
      MonitorConversation conversation,
      long timeoutNs,
      Heartbeats heartbeats,
      long nodeId,
      long vRegionBytes) {
    this.rpc = rpc;
    this.conversation = conversation;
    this.timeoutNs = timeoutNs;
    this.heartbeats = heartbeats;
    this.nodeId = nodeId;
    this.vRegionBytes = vRegionBytes;
  }

  /**
   * Becomes a member of the cluster.
   *
   * @param fabric of this process; stays the caller's.
   * @param monitor where the monitor listens.
   * @param secret of the cluster.
   * @param membership what to tell.
   * @param listener what to do on news.
   * @param timeoutNs longest time for joining, and the deadline of every later call.
   * @return the client.
   * @throws FabricException when unreachable, too late, refused, or the secrets differ.
   */
  public static MonitorClient join(
      Fabric fabric,
      FabricAddress monitor,
      Secret secret,
      Membership membership,
      MonitorListener listener,
      long timeoutNs)
      throws FabricException {
    NodeIdentity identity = new NodeIdentity(0, membership.role(), membership.name());
    MonitorConversation conversation = new MonitorConversation(listener);
    RpcConnection rpc =
        RpcConnection.connect(
            fabric,
            monitor,
            secret,
            identity,
            RpcSettings.DEFAULT,
            RpcEvents.NONE,
            conversation,
            timeoutNs);
    CallResult result =
        rpc.call(
            RegisterReplyDecoder.TEMPLATE_ID,
            (buffer, header, id) -> membership.encode(buffer, header, id),
            timeoutNs);
    if (result instanceof CallResult.Reply(Message message)) {
      RegisterReplyDecoder reply = new RegisterReplyDecoder();
      reply.wrapAndApplyHeader(message.buffer(), 0, message.header());
      Heartbeats heartbeats =
          new Heartbeats(rpc, membership.counters(), reply.heartbeatNs(), reply.leaseNs());
      heartbeats.start();
      return new MonitorClient(
          rpc, conversation, timeoutNs, heartbeats, reply.nodeId(), reply.vRegionBytes());
    }
    conversation.cancel();
    rpc.close();
    throw new FabricException(
        "join(" + monitor + ") as " + membership.role() + ": " + result.failure());
  }

  /**
   * Connects for questions only, without becoming a member.
   *
   * @param fabric of this process; stays the caller's.
   * @param monitor where the monitor listens.
   * @param secret of the cluster.
   * @param timeoutNs longest time for connecting, and the deadline of every later call.
   * @return the client.
   * @throws FabricException when unreachable, too late, or the secrets differ.
   */
  public static MonitorClient connect(
      Fabric fabric, FabricAddress monitor, Secret secret, long timeoutNs) throws FabricException {
    NodeIdentity identity = new NodeIdentity(0, NodeRole.CONTROL, "operator");
    MonitorConversation conversation = new MonitorConversation(new MonitorListener() {});
    RpcConnection rpc =
        RpcConnection.connect(
            fabric,
            monitor,
            secret,
            identity,
            RpcSettings.DEFAULT,
            RpcEvents.NONE,
            conversation,
            timeoutNs);
    return new MonitorClient(rpc, conversation, timeoutNs, null, 0, 0);
  }

  /**
   * This member's id.
   *
   * @return 1 to 2^32-1; 0 for an operator's connection.
   */
  public long nodeId() {
    return nodeId;
  }

  /**
   * Length of a vRegion in this cluster.
   *
   * @return bytes, a power of two; 0 for an operator's connection.
   */
  public long vRegionBytes() {
    return vRegionBytes;
  }

  /**
   * Tells the monitor that this member is about to be stopped, for any time: it stays a member and
   * keeps what it has, as long as its connection does.
   *
   * @return whether the monitor knows.
   */
  public boolean suspend() {
    return heartbeats.suspend();
  }

  /** This member runs again. */
  public void resume() {
    heartbeats.resume();
  }

  /**
   * Asks where a vRegion of an address space lives, placing it when it is new.
   *
   * @param spaceId with this member's id in its upper 32 bits.
   * @param regionIndex address divided by {@link #vRegionBytes}.
   * @return the answer.
   */
  public AssignResult assignRegion(long spaceId, long regionIndex) {
    CallResult result =
        rpc.call(
            AssignRegionReplyDecoder.TEMPLATE_ID,
            (buffer, header, id) ->
                new AssignRegionEncoder()
                    .wrapAndApplyHeader(buffer, 0, header)
                    .correlationId(id)
                    .spaceId(spaceId)
                    .regionIndex(regionIndex)
                    .encodedLength(),
            timeoutNs);
    if (!(result instanceof CallResult.Reply(Message message))) {
      return new AssignResult.Failed("assignRegion: " + result.failure());
    }
    AssignRegionReplyDecoder reply = new AssignRegionReplyDecoder();
    reply.wrapAndApplyHeader(message.buffer(), 0, message.header());
    Outcome outcome = reply.outcome();
    String host = reply.host();
    return switch (outcome) {
      case OK ->
          new AssignResult.Assigned(
              reply.nodeId(), new FabricAddress(host, reply.port()), reply.vRegionBytes());
      case NO_CAPACITY -> new AssignResult.NoCapacity(reply.freeBytes());
      default -> new AssignResult.Failed("assignRegion: " + reply.reason());
    };
  }

  /**
   * An address space has ended; its placements are forgotten.
   *
   * @param spaceId of the space.
   * @return null when told, or the reason in one line why not.
   */
  public String releaseSpace(long spaceId) {
    return tell((buffer, header, id) ->
        new ReleaseSpaceEncoder()
            .wrapAndApplyHeader(buffer, 0, header)
            .correlationId(id)
            .spaceId(spaceId)
            .encodedLength());
  }

  /**
   * A program has started on this processor component.
   *
   * @param program what to tell.
   * @return null when told, or the reason in one line why not.
   */
  public String programStarted(ProgramInfo program) {
    return tell((buffer, header, id) -> {
      ProgramStartedEncoder request =
          new ProgramStartedEncoder().wrapAndApplyHeader(buffer, 0, header);
      request.correlationId(id).globalPid(program.globalPid());
      request.startEpochMs(program.startEpochMs());
      request.name(program.name()).arguments(program.arguments());
      return request.encodedLength();
    });
  }

  /**
   * A program of this processor component has ended.
   *
   * @param globalPid of the program.
   * @return null when told, or the reason in one line why not.
   */
  public String programEnded(long globalPid) {
    return tell((buffer, header, id) ->
        new ProgramEndedEncoder()
            .wrapAndApplyHeader(buffer, 0, header)
            .correlationId(id)
            .globalPid(globalPid)
            .encodedLength());
  }

  /**
   * All members.
   *
   * @return by node id.
   * @throws FabricException when the monitor could not be asked.
   */
  public List<NodeInfo> listNodes() throws FabricException {
    return new ClusterQuestions(rpc, timeoutNs).nodes();
  }

  /**
   * All running programs.
   *
   * @return by global pid.
   * @throws FabricException when the monitor could not be asked.
   */
  public List<ProgramInfo> listPrograms() throws FabricException {
    return new ClusterQuestions(rpc, timeoutNs).programs();
  }

  /**
   * Counters of all members as last reported.
   *
   * @return by node id.
   * @throws FabricException when the monitor could not be asked.
   */
  public List<NodeCounters> stats() throws FabricException {
    return new ClusterQuestions(rpc, timeoutNs).stats();
  }

  /**
   * Who serves a volume of files; somebody gets it when nobody has it.
   *
   * @param volume as {@link VolumeName} writes it.
   * @param preferredNodeId memory component that should have it if nobody has, or 0.
   * @param refusedEpoch highest epoch that was heard of, or 0.
   * @return the answer.
   * @throws FabricException when the monitor could not be asked, or cannot remember more volumes.
   */
  public VolumePlace findVolume(String volume, long preferredNodeId, long refusedEpoch)
      throws FabricException {
    return new ClusterQuestions(rpc, timeoutNs).volume(volume, preferredNodeId, refusedEpoch);
  }

  /**
   * This memory component has written back everything of a volume, and will not use it any more.
   *
   * @param volume as above.
   * @param epoch under which it had it.
   * @return null when told, or the reason in one line why not.
   */
  public String giveUpVolume(String volume, long epoch) {
    return tell((buffer, header, id) ->
        new GiveUpVolumeEncoder()
            .wrapAndApplyHeader(buffer, 0, header)
            .correlationId(id)
            .epoch(epoch)
            .volume(volume)
            .encodedLength());
  }

  /**
   * Sends a program a signal, through its processor component.
   *
   * @param globalPid of the program.
   * @param signal number.
   * @return null when delivered, or the reason in one line why not.
   */
  public String kill(long globalPid, int signal) {
    return tell((buffer, header, id) ->
        new KillProgramEncoder()
            .wrapAndApplyHeader(buffer, 0, header)
            .correlationId(id)
            .globalPid(globalPid)
            .signal(signal)
            .encodedLength());
  }

  /**
   * Tells every member, and then the monitor, to end.
   *
   * @return null when told, or the reason in one line why not.
   */
  public String shutdownCluster() {
    return tell((buffer, header, id) ->
        new ShutdownClusterEncoder()
            .wrapAndApplyHeader(buffer, 0, header)
            .correlationId(id)
            .encodedLength());
  }

  /** Leaves the cluster (a member) and ends the connection. Idempotent. */
  @Override
  public void close() {
    conversation.cancel();
    if (heartbeats != null) {
      heartbeats.close();
      if (rpc.isOpen()) {
        leave();
      }
    }
    rpc.close();
  }

  private void leave() {
    CallResult ignored =
        rpc.call(
            DoneDecoder.TEMPLATE_ID,
            (buffer, header, id) ->
                new LeaveEncoder()
                    .wrapAndApplyHeader(buffer, 0, header)
                    .correlationId(id)
                    .encodedLength(),
            LEAVE_TIMEOUT_NS);
  }

  private String tell(MessageEncoder encoder) {
    CallResult result = rpc.call(DoneDecoder.TEMPLATE_ID, encoder, timeoutNs);
    return result instanceof CallResult.Reply ? null : result.failure();
  }
}
