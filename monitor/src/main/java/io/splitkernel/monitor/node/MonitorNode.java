package io.splitkernel.monitor.node;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.monitor.MonitorCounter;
import io.splitkernel.monitor.coordination.Coordination;
import io.splitkernel.monitor.coordination.InProcessCoordination;
import io.splitkernel.monitor.membership.Member;
import io.splitkernel.monitor.membership.MemberTable;
import io.splitkernel.monitor.placement.RegionPlacement;
import io.splitkernel.monitor.placement.VolumeOwners;
import io.splitkernel.monitor.process.ProgramTable;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.counters.Counters;
import io.splitkernel.protocol.rpc.CountedRpcEvents;
import io.splitkernel.protocol.rpc.RpcServer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running monitor. */
public final class MonitorNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MonitorNode.class);
  private static final long CLOSE_TIMEOUT_MS = 5_000;

  private final MonitorNodeConfig config;
  private final Counters<MonitorCounter> counters = new Counters<>(MonitorCounter.class, () -> 0L);
  private final CompletableFuture<String> ended = new CompletableFuture<>();
  private final CountDownLatch stop = new CountDownLatch(1);
  private final ClusterState state;
  private final Thread leases;
  private RpcServer server;

  private MonitorNode(MonitorNodeConfig config) {
    this.config = config;
    Coordination coordination = new InProcessCoordination(config.regionsMax(), config.volumesMax());
    MemberTable members =
        new MemberTable(config.leaseNs(), counters, System::nanoTime, this::onGone);
    RegionPlacement placement =
        new RegionPlacement(
            coordination, members, counters, config.vRegionBytes(), config.callTimeoutNs());
    this.state =
        new ClusterState(
            coordination,
            members,
            placement,
            new VolumeOwners(coordination, members),
            new ProgramTable(config.programsMax(), counters),
            new Announcements(members));
    this.leases = Thread.ofPlatform().daemon().name("leases").unstarted(this::watchLeases);
  }

  /**
   * Starts one.
   *
   * @param fabric of this process; stays the caller's.
   * @param config what it must be told.
   * @return the running monitor.
   * @throws FabricException when the address cannot be had.
   */
  public static MonitorNode start(Fabric fabric, MonitorNodeConfig config) throws FabricException {
    MonitorNode node = new MonitorNode(config);
    OperatorRequests operator =
        new OperatorRequests(
            node.state,
            config.callTimeoutNs(),
            () -> node.ended.complete("the cluster is being taken down"));
    node.server =
        RpcServer.start(
            fabric,
            config.listen(),
            config.secret(),
            config.rpc(),
            new CountedRpcEvents<>(
                node.counters,
                MonitorCounter.JOINS,
                MonitorCounter.FAILED_JOINS,
                MonitorCounter.REJECTED_MESSAGES,
                MonitorCounter.MISSED_DEADLINES),
            _ -> new MemberRequests(node.state, config, operator));
    node.leases.start();
    return node;
  }

  private void watchLeases() {
    try {
      while (!stop.await(config.heartbeatNs(), TimeUnit.NANOSECONDS)) {
        state.members().expireLeases().forEach(member -> member.connection().close());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void onGone(Member member, boolean left, String reason) {
    LOG.info(
        "node {} ({}) {}: {}",
        member.nodeId(),
        member.description().name(),
        left ? "left" : "is lost",
        reason);
    if (member.description().role() == NodeRole.PROCESSOR) {
      state.programs().dropAllOf(member.nodeId());
      state.coordination().forgetSpacesOf(member.nodeId());
      counters.set(MonitorCounter.REGIONS, state.coordination().regions());
    }
    state.announcements().nodeLost(member, reason);
  }

  /**
   * Where it listens, with the real port.
   *
   * @return the address.
   */
  public FabricAddress address() {
    return server.address();
  }

  /**
   * Its counters, live.
   *
   * @return the counters.
   */
  public Counters<MonitorCounter> counters() {
    return counters;
  }

  /**
   * Completes, with a one-line reason, when the monitor should end: an operator takes the cluster
   * down. The members have been told before.
   *
   * @return the end.
   */
  public CompletableFuture<String> ended() {
    return ended;
  }

  /**
   * Waits until all members have left.
   *
   * @param timeoutNs longest wait.
   * @return true when there is none.
   * @throws InterruptedException when interrupted.
   */
  public boolean awaitNoMembers(long timeoutNs) throws InterruptedException {
    long startNs = System.nanoTime();
    while (!state.members().all().isEmpty()) {
      if (System.nanoTime() - startNs > timeoutNs) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(10);
    }
    return true;
  }

  /** Ends it; every member loses its monitor. Idempotent. */
  @Override
  public void close() {
    stop.countDown();
    server.close();
    try {
      leases.join(CLOSE_TIMEOUT_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    ended.complete("closed");
  }
}
