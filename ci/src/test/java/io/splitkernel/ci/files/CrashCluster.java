package io.splitkernel.ci.files;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.shm.ShmConfig;
import io.splitkernel.fabric.shm.ShmFabric;
import io.splitkernel.monitor.node.MonitorNode;
import io.splitkernel.monitor.node.MonitorNodeConfig;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.cluster.MonitorClient;
import io.splitkernel.protocol.cluster.NodeCounters;
import io.splitkernel.protocol.cluster.VolumePlace;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.client.FileClient;
import io.splitkernel.protocol.files.client.FileClientConfig;
import io.splitkernel.protocol.files.client.MonitorRoutes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A storage component and memory components in processes that are killed, and one client. */
final class CrashCluster implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Path store;
  private final Fabric fabric;
  private final MonitorNode monitor;
  private final List<ChildComponent> memories = new ArrayList<>();
  private ChildComponent storage;
  private FileClient client;

  CrashCluster(Path store, int memoryComponents) throws Exception {
    this.store = store;
    fabric = ShmFabric.open(ShmConfig.defaults());
    FabricAddress anywhere = new FabricAddress("127.0.0.1", 0);
    monitor =
        MonitorNode.start(
            fabric,
            MonitorNodeConfig.of(anywhere, FileCluster.SECRET)
                .withLease(FileCluster.HEARTBEAT_NS, FileCluster.LEASE_NS));
    storage = ChildComponent.storage(monitor.address(), store);
    try (FileClient maker =
        FileClient.connect(
            fabric, () -> storage.address, FileCluster.SECRET, self(), FileClientConfig.DEFAULT)) {
      assertEquals(0, maker.makeVolume(FileCluster.NAME.volume(), 0));
    }
    for (int i = 0; i < memoryComponents; i++) {
      memories.add(ChildComponent.memory(monitor.address()));
    }
  }

  private static NodeIdentity self() {
    return new NodeIdentity(0, NodeRole.CONTROL, "test");
  }

  /** kill -9 of the storage component, and another one on its directory. Any thread. */
  synchronized void killStorage() throws Exception {
    storage.close();
    storage = ChildComponent.storage(monitor.address(), store);
  }

  /** kill -9 of the memory component that has the volume, and a new one. Any thread. */
  synchronized void killOwner() throws Exception {
    VolumePlace place;
    try (MonitorClient asker =
        MonitorClient.connect(fabric, monitor.address(), FileCluster.SECRET, PATIENCE.toNanos())) {
      place = asker.findVolume(FileCluster.NAME.toString(), 0, 0);
    }
    ChildComponent owner =
        memories.stream().filter(m -> m.nodeId == place.nodeId()).findFirst().orElseThrow();
    owner.close();
    memories.remove(owner);
    memories.add(ChildComponent.memory(monitor.address()));
  }

  /** The volume by way of a new client; the one before is dropped with all that it knew. */
  Volume freshClient() {
    if (client != null) {
      client.close();
    }
    // A client that has never been connected does not wait for a server that is away.
    client =
        await()
            .atMost(PATIENCE)
            .ignoreException(FabricException.class)
            .until(() -> connect(fabric, monitor.address()), Objects::nonNull);
    return client.volume(FileCluster.NAME.volume());
  }

  /** A client that waits for half a minute while components are away. */
  static FileClient connect(Fabric fabric, FabricAddress monitor) throws FabricException {
    return FileClient.connect(
        fabric,
        refused ->
            new MonitorRoutes(
                    fabric, monitor, FileCluster.SECRET, FileCluster.NAME, 0, PATIENCE.toNanos())
                .find(refused),
        FileCluster.SECRET,
        self(),
        new FileClientConfig(8, PATIENCE.toNanos(), 2 * PATIENCE.toNanos()));
  }

  FabricAddress monitor() {
    return monitor.address();
  }

  /**
   * Waits until components know of no more clients than they must: this one's, and of the storage
   * component each cache.
   *
   * @param volume of the one client that stays, which connects again when it is used.
   */
  void awaitNoOtherClients(Volume volume) {
    volume.lookup("/", 0, new FileAttributes());
    long sinceNs = System.nanoTime();
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          try (MonitorClient asker =
              MonitorClient.connect(
                  fabric, monitor.address(), FileCluster.SECRET, PATIENCE.toNanos())) {
            for (NodeCounters node : asker.stats()) {
              long age = node.node().heartbeatAgeNs();
              assertTrue(age < System.nanoTime() - sinceNs, "not reported again yet");
              String gauge = node.node().role() == NodeRole.STORAGE ? "clients" : "file_clients";
              long clients = node.values().getOrDefault(gauge, 0L);
              boolean onlyCaches = node.node().role() == NodeRole.STORAGE && !memories.isEmpty();
              // a cache that has had nothing to ask for is not connected again yet
              assertTrue(clients == 1 || (clients == 0 && onlyCaches), node::toString);
            }
          }
        });
  }

  @Override
  public void close() {
    client.close();
    memories.forEach(ChildComponent::close);
    storage.close();
    monitor.close();
    fabric.close();
  }
}
