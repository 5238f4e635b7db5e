package io.splitkernel.mcomponent.node;

import io.splitkernel.fabric.ConnectionRequest;
import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.mcomponent.MemoryCounter;
import io.splitkernel.mcomponent.pool.ExtentPool;
import io.splitkernel.mcomponent.space.RegionGrants;
import io.splitkernel.mcomponent.space.SpaceLimits;
import io.splitkernel.mcomponent.space.SpaceTable;
import io.splitkernel.mcomponent.space.VRegionLength;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.cluster.Membership;
import io.splitkernel.protocol.cluster.MonitorClient;
import io.splitkernel.protocol.counters.Counters;
import io.splitkernel.protocol.rpc.ConnectionPreamble;
import io.splitkernel.protocol.rpc.CountedRpcEvents;
import io.splitkernel.protocol.rpc.MessageHandler;
import io.splitkernel.protocol.rpc.RpcConnection;
import io.splitkernel.protocol.rpc.RpcServer;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;

/** A running memory component. */
public final class MemoryComponent implements AutoCloseable {
  private final Counters<MemoryCounter> counters;
  private final CompletableFuture<String> ended = new CompletableFuture<>();
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private FabricAddress address;
  private long nodeId;
  private FileService files;

  private MemoryComponent() {
    counters = new Counters<>(MemoryCounter.class, this::freeBytes);
  }

  private long freeBytes() {
    return counters.get(MemoryCounter.BYTES_CAPACITY) - counters.get(MemoryCounter.BYTES_IN_USE);
  }

  /**
   * Starts one.
   *
   * @param fabric of this process; stays the caller's.
   * @param config what it must be told.
   * @return the running component.
   * @throws FabricException when memory, address or monitor cannot be had; nothing is left then.
   */
  public static MemoryComponent start(Fabric fabric, MemoryComponentConfig config)
      throws FabricException {
    MemoryComponent component = new MemoryComponent();
    boolean started = false;
    try {
      component.compose(fabric, config);
      started = true;
    } finally {
      if (!started) {
        component.close();
      }
    }
    return component;
  }

  private void compose(Fabric fabric, MemoryComponentConfig config) throws FabricException {
    ExtentPool pool = ExtentPool.open(fabric, config.capacityBytes(), config.extentBytes());
    parts.push(pool);
    counters.set(MemoryCounter.BYTES_CAPACITY, pool.capacityBytes());
    boolean alone = config.monitor() == null;
    RegionGrants grants = new RegionGrants(alone, config.grantsMax());
    VRegionLength vRegion = new VRegionLength(config.vRegionBytes());
    SpaceTable spaces =
        new SpaceTable(
            fabric,
            pool,
            grants,
            new SpaceLimits(vRegion, config.spacesMax(), config.dataConnectionsMax()),
            counters,
            new SecureRandom());
    parts.push(spaces);
    files = FileService.start(fabric, config, counters);
    parts.push(files);
    int batchMax = config.rpc().batchMax();
    RpcServer server =
        RpcServer.start(
            fabric,
            config.listen(),
            config.secret(),
            config.rpc(),
            new CountedRpcEvents<>(
                counters,
                MemoryCounter.JOINS,
                MemoryCounter.FAILED_JOINS,
                MemoryCounter.REJECTED_MESSAGES,
                MemoryCounter.MISSED_DEADLINES),
            new RpcServer.Service() {
              @Override
              public MessageHandler onJoined(RpcConnection connection) {
                return files.with(new SpaceRequests(spaces, pool, vRegion, batchMax));
              }

              @Override
              public String cureWhenFull() {
                return RpcServer.RAISE_CLIENTS_MAX;
              }

              @Override
              public void onDataRequest(ConnectionRequest request, ConnectionPreamble preamble) {
                if (preamble.kind() == ConnectionPreamble.Kind.FILES) {
                  files.onDataRequest(request, preamble);
                  return;
                }
                spaces.acceptData(
                    request, preamble.spaceId(), preamble.tokenHigh(), preamble.tokenLow());
              }
            });
    parts.push(server);
    address = server.address();
    if (!alone) {
      joinCluster(fabric, config, new MonitorNews(spaces, grants, vRegion, files, ended), vRegion);
    }
  }

  private void joinCluster(
      Fabric fabric, MemoryComponentConfig config, MonitorNews news, VRegionLength vRegion)
      throws FabricException {
    Membership membership =
        new Membership(
            NodeRole.MEMORY,
            config.name(),
            address,
            ProcessHandle.current().pid(),
            counters.get(MemoryCounter.BYTES_CAPACITY),
            config.extentBytes(),
            config.files().bytes(),
            files.counters());
    MonitorClient monitor =
        MonitorClient.join(
            fabric, config.monitor(), config.secret(), membership, news, config.monitorTimeoutNs());
    parts.push(monitor);
    nodeId = monitor.nodeId();
    files.joined(monitor);
    vRegion.set(monitor.vRegionBytes());
  }

  /**
   * Where it listens, with the real port.
   *
   * @return the address.
   */
  public FabricAddress address() {
    return address;
  }

  /**
   * Its id in the cluster.
   *
   * @return the id; 0 without a monitor.
   */
  public long nodeId() {
    return nodeId;
  }

  /**
   * Its counters, live.
   *
   * @return the counters.
   */
  public Counters<MemoryCounter> counters() {
    files.count();
    return counters;
  }

  /**
   * Completes, with a one-line reason, when the component should end: the monitor says so, or is
   * lost.
   *
   * @return the end.
   */
  public CompletableFuture<String> ended() {
    return ended;
  }

  /** Writes files back, leaves the cluster and frees everything. Idempotent. */
  @Override
  public void close() {
    if (files != null) {
      files.drain();
    }
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        throw new IllegalStateException("closing a memory component", e);
      }
    }
    ended.complete("closed");
  }
}
