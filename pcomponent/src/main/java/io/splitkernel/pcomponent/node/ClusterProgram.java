package io.splitkernel.pcomponent.node;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.pcomponent.fault.FaultLatency;
import io.splitkernel.pcomponent.fault.ProcessorCounters;
import io.splitkernel.pcomponent.process.ProgramEnd;
import io.splitkernel.pcomponent.process.ProgramSpec;
import io.splitkernel.pcomponent.process.Suspension;
import io.splitkernel.pcomponent.region.ClusterConfig;
import io.splitkernel.pcomponent.region.ClusterMemory;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.cluster.LostNode;
import io.splitkernel.protocol.cluster.Membership;
import io.splitkernel.protocol.cluster.MonitorClient;
import io.splitkernel.protocol.cluster.MonitorListener;
import io.splitkernel.protocol.cluster.ProgramInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/**
 * One program on a cluster: this process joins as a processor component, runs the program on the
 * memory that the monitor assigns, and leaves. Used once, by one thread.
 */
public final class ClusterProgram implements MonitorListener {
  private static final long JOIN_TIMEOUT_NS = 30_000_000_000L;

  private final Fabric fabric;
  private final FabricAddress monitor;
  private final Secret secret;
  private final ProcessorConfig config;
  private final long startGraceNs;
  private final CounterReport report = new CounterReport();
  private volatile ClusterMemory memory;
  private volatile ProcessorComponent component;

  /**
   * @param fabric of this process; stays the caller's.
   * @param monitor where the cluster's monitor listens.
   * @param secret of the cluster.
   * @param config settings.
   * @param startGraceNs how long the program's first memory is waited for.
   */
  public ClusterProgram(
      Fabric fabric,
      FabricAddress monitor,
      Secret secret,
      ProcessorConfig config,
      long startGraceNs) {
    this.startGraceNs = startGraceNs;
    this.fabric = fabric;
    this.monitor = monitor;
    this.secret = secret;
    this.config = config;
  }

  /**
   * How it went.
   *
   * @param end how the program ended.
   * @param counters final values.
   * @param latency of its faults.
   */
  public record Outcome(ProgramEnd end, ProcessorCounters counters, FaultLatency latency) {}

  /**
   * Runs a program to the end of its last descendant. On a platform thread.
   *
   * @param spec what to run.
   * @return how it went.
   * @throws IOException when the cluster cannot be joined, or the program not be supervised.
   */
  public Outcome run(ProgramSpec spec) throws IOException {
    String name = "run-" + ProcessHandle.current().pid();
    try (MonitorClient client =
        MonitorClient.join(
            fabric, monitor, secret, Membership.processor(name, report), this, JOIN_TIMEOUT_NS)) {
      NodeIdentity identity = new NodeIdentity(client.nodeId(), NodeRole.PROCESSOR, name);
      ClusterConfig limits = ClusterConfig.of(secret, identity).withStartGraceNs(startGraceNs);
      try (ClusterMemory remote = new ClusterMemory(fabric, client, limits)) {
        memory = remote;
        ProcessorComponent processor = new ProcessorComponent(config, remote);
        component = processor;
        report.source(processor.counters());
        client.programStarted(info(client.nodeId(), spec));
        ProgramEnd end = processor.run(spec, suspension(client));
        client.programEnded(globalPid(client.nodeId()));
        return new Outcome(end, processor.counters(), processor.latency());
      }
    }
  }

  /**
   * A monitor that knows keeps what a stopped program has; one that does not is no reason to wait.
   */
  private static Suspension suspension(MonitorClient client) {
    return new Suspension() {
      @Override
      public void suspend() {
        var _ = client.suspend();
      }

      @Override
      public void resume() {
        client.resume();
      }
    };
  }

  /** One program a processor component: its number on the node is 1. */
  private static long globalPid(long nodeId) {
    return nodeId << 32 | 1;
  }

  private static ProgramInfo info(long nodeId, ProgramSpec spec) {
    String name = text(spec.argv().getFirst());
    String arguments =
        spec.argv().stream().skip(1).map(ClusterProgram::text).collect(Collectors.joining(" "));
    return new ProgramInfo(
        globalPid(nodeId),
        name.substring(name.lastIndexOf('/') + 1),
        arguments,
        System.currentTimeMillis());
  }

  private static String text(byte[] argument) {
    return new String(argument, StandardCharsets.UTF_8);
  }

  @Override
  public void onNodeLost(LostNode node) {
    ClusterMemory remote = memory;
    if (remote != null) {
      remote.onNodeLost(node.nodeId(), node.reason());
    }
  }

  @Override
  public void onShutdown() {
    ProcessorComponent processor = component;
    if (processor != null) {
      processor.abort("the cluster is being taken down");
    }
  }

  @Override
  public boolean onKill(long globalPid, int signal) {
    ProcessorComponent processor = component;
    return processor != null && processor.signal(signal);
  }
}
