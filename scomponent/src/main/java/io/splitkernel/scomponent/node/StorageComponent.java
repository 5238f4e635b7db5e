package io.splitkernel.scomponent.node;

import io.splitkernel.fabric.ConnectionRequest;
import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.cluster.LostNode;
import io.splitkernel.protocol.cluster.Membership;
import io.splitkernel.protocol.cluster.MonitorClient;
import io.splitkernel.protocol.cluster.MonitorListener;
import io.splitkernel.protocol.counters.Counters;
import io.splitkernel.protocol.files.VolumeProvider;
import io.splitkernel.protocol.files.server.FileServer;
import io.splitkernel.protocol.rpc.ConnectionPreamble;
import io.splitkernel.protocol.rpc.CountedRpcEvents;
import io.splitkernel.protocol.rpc.MessageHandler;
import io.splitkernel.protocol.rpc.RpcConnection;
import io.splitkernel.protocol.rpc.RpcServer;
import io.splitkernel.scomponent.StorageCounter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;

/** A running storage component. */
public final class StorageComponent implements AutoCloseable {
  private final Counters<StorageCounter> counters = new Counters<>(StorageCounter.class, () -> 0);
  private final CompletableFuture<String> ended = new CompletableFuture<>();
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private FabricAddress address;
  private long nodeId;

  private StorageComponent() {}

  /**
   * Starts one.
   *
   * @param fabric of this process; stays the caller's.
   * @param store to serve; stays the caller's.
   * @param config what it must be told.
   * @return the running component.
   * @throws FabricException when buffers, address or monitor cannot be had; nothing is left then.
   */
  public static StorageComponent start(
      Fabric fabric, VolumeProvider store, StorageComponentConfig config) throws FabricException {
    StorageComponent component = new StorageComponent();
    boolean started = false;
    try {
      component.compose(fabric, store, config);
      started = true;
    } finally {
      if (!started) {
        component.close();
      }
    }
    return component;
  }

  private void compose(Fabric fabric, VolumeProvider store, StorageComponentConfig config)
      throws FabricException {
    FileServer files = FileServer.start(fabric, store, config.files(), new CountedFiles(counters));
    parts.push(files);
    RpcServer server =
        RpcServer.start(
            fabric,
            config.listen(),
            config.secret(),
            config.rpc(),
            new CountedRpcEvents<>(
                counters,
                StorageCounter.JOINS,
                StorageCounter.FAILED_JOINS,
                StorageCounter.REJECTED_MESSAGES,
                StorageCounter.MISSED_DEADLINES),
            new RpcServer.Service() {
              @Override
              public MessageHandler onJoined(RpcConnection connection) {
                return files.session();
              }

              @Override
              public String cureWhenFull() {
                return RpcServer.RAISE_CLIENTS_MAX;
              }

              @Override
              public void onDataRequest(ConnectionRequest request, ConnectionPreamble preamble) {
                files.onDataRequest(request, preamble);
              }
            });
    parts.push(server);
    address = server.address();
    if (config.monitor() != null) {
      join(fabric, config);
    }
  }

  private void join(Fabric fabric, StorageComponentConfig config) throws FabricException {
    Membership membership =
        new Membership(
            NodeRole.STORAGE,
            config.name(),
            address,
            ProcessHandle.current().pid(),
            0,
            0,
            counters);
    MonitorListener news =
        new MonitorListener() {
          @Override
          public void onNodeLost(LostNode node) {}

          @Override
          public void onMonitorLost(String reason) {
            ended.complete("the monitor is lost: " + reason);
          }

          @Override
          public void onShutdown() {
            ended.complete("the cluster is being taken down");
          }
        };
    MonitorClient monitor =
        MonitorClient.join(
            fabric, config.monitor(), config.secret(), membership, news, config.monitorTimeoutNs());
    parts.push(monitor);
    nodeId = monitor.nodeId();
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
  public Counters<StorageCounter> counters() {
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

  /** Leaves the cluster and frees everything. Idempotent. */
  @Override
  public void close() {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        throw new IllegalStateException("closing a storage component", e);
      }
    }
    ended.complete("closed");
  }
}
