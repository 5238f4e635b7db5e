package io.splitkernel.ci.files;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.shm.ShmConfig;
import io.splitkernel.fabric.shm.ShmFabric;
import io.splitkernel.mcomponent.filecache.FileCacheSettings;
import io.splitkernel.mcomponent.files.FileCacheConfig;
import io.splitkernel.mcomponent.node.MemoryComponent;
import io.splitkernel.mcomponent.node.MemoryComponentConfig;
import io.splitkernel.monitor.node.MonitorNode;
import io.splitkernel.monitor.node.MonitorNodeConfig;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.cluster.MonitorClient;
import io.splitkernel.protocol.cluster.VolumeName;
import io.splitkernel.protocol.cluster.VolumePlace;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeProvider;
import io.splitkernel.protocol.files.VolumeUse;
import io.splitkernel.protocol.files.client.FileClient;
import io.splitkernel.protocol.files.client.FileClientConfig;
import io.splitkernel.protocol.files.client.MonitorRoutes;
import io.splitkernel.scomponent.node.StorageComponent;
import io.splitkernel.scomponent.node.StorageComponentConfig;
import io.splitkernel.scomponent.store.DirectoryStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A monitor, a storage component and memory components, each on a fabric of its own. */
final class FileCluster implements AutoCloseable {
  static final long TIMEOUT_NS = 30_000_000_000L;
  static final long HEARTBEAT_NS = 50_000_000L;

  /** Never ends within a test: however long a thread is not run, only its death ends a member. */
  static final long LEASE_NS = 3_600_000_000_000L;

  static final Secret SECRET = Secret.of("a secret for tests");
  static final VolumeName NAME = new VolumeName("storage", "v");

  /** Nothing is written back by itself within the time of a test. */
  static final FileCacheSettings LAZY =
      new FileCacheSettings(
          65_536,
          1 << 20,
          50,
          50,
          3_600_000_000_000L,
          1_000_000L,
          16L << 20,
          1_000_000_000L,
          30_000_000_000L,
          4);

  private static final FabricAddress ANYWHERE = new FabricAddress("127.0.0.1", 0);
  private static final long CAPACITY = 16L << 20;

  private final Path root;
  private final Fabric clientFabric;
  private final List<FileClient> clients = new ArrayList<>();
  private final List<Memory> memories = new ArrayList<>();
  private Fabric monitorFabric;
  private Fabric storageFabric;
  private DirectoryStore store;
  private long boot = 77;
  MonitorNode monitor;
  StorageComponent storage;

  /** A memory component with its fabric. */
  record Memory(Fabric fabric, MemoryComponent component) {}

  FileCluster(Path root) throws FabricException, IOException {
    this.root = root;
    clientFabric = fabric();
    startMonitor();
    startStorage();
  }

  private static Fabric fabric() throws FabricException {
    return ShmFabric.open(ShmConfig.defaults());
  }

  void startMonitor() throws FabricException {
    monitorFabric = fabric();
    monitor =
        MonitorNode.start(
            monitorFabric,
            MonitorNodeConfig.of(ANYWHERE, SECRET).withLease(HEARTBEAT_NS, LEASE_NS));
  }

  void stopMonitor() {
    monitor.close();
    monitorFabric.close();
  }

  void startStorage() throws FabricException, IOException {
    storageFabric = fabric();
    store = DirectoryStore.open(root);
    storage =
        StorageComponent.start(
            storageFabric,
            booted(store, boot),
            StorageComponentConfig.of("storage", ANYWHERE, monitor.address(), SECRET));
  }

  void stopStorage() {
    storage.close();
    store.close();
    storageFabric.close();
  }

  /** What is not synced counts as lost from the next start on. */
  void reboot() {
    boot++;
  }

  /** The store, as if its machine had been started for the n-th time. */
  private static VolumeProvider booted(DirectoryStore store, long boot) {
    Map<String, VolumeUse> uses = new ConcurrentHashMap<>();
    return new VolumeProvider() {
      @Override
      public Volume volume(String name) {
        return store.volume(name);
      }

      @Override
      public VolumeUse use(String name) {
        VolumeUse use = store.use(name);
        return use == null ? null : uses.computeIfAbsent(name, _ -> new BootedUse(use, boot));
      }

      @Override
      public int makeVolume(String name, long quotaBytes) {
        return store.makeVolume(name, quotaBytes);
      }

      @Override
      public int removeVolume(String name) {
        return store.removeVolume(name);
      }

      @Override
      public long verifier() {
        return boot;
      }

      @Override
      public List<String> names() {
        return store.names();
      }
    };
  }

  Memory startMemory(FileCacheConfig files) throws FabricException {
    Fabric fabric = fabric();
    String name = "memory-" + memories.size();
    Memory memory =
        new Memory(
            fabric,
            MemoryComponent.start(
                fabric,
                MemoryComponentConfig.of(name, CAPACITY, ANYWHERE, monitor.address(), SECRET)
                    .withFiles(files)));
    memories.add(memory);
    return memory;
  }

  /** Makes the volume, at the storage component. */
  void makeVolume(long quotaBytes) throws FabricException {
    NodeIdentity self = new NodeIdentity(0, NodeRole.CONTROL, "test");
    try (FileClient client =
        FileClient.connect(
            clientFabric, storage::address, SECRET, self, FileClientConfig.DEFAULT)) {
      assertEquals(0, client.makeVolume(NAME.volume(), quotaBytes));
    }
  }

  /** The storage component itself, under an epoch. */
  FileClient direct() throws FabricException {
    NodeIdentity self = new NodeIdentity(0, NodeRole.CONTROL, "direct");
    FileClient client =
        FileClient.connect(clientFabric, storage::address, SECRET, self, FileClientConfig.DEFAULT);
    clients.add(client);
    return client;
  }

  /** The volume at whoever has it. */
  Volume volume() throws FabricException {
    NodeIdentity self = new NodeIdentity(0, NodeRole.CONTROL, "client-" + clients.size());
    FileClient client =
        FileClient.connect(
            clientFabric,
            refused ->
                new MonitorRoutes(clientFabric, monitor.address(), SECRET, NAME, 0, TIMEOUT_NS)
                    .find(refused),
            SECRET,
            self,
            new FileClientConfig(8, 30_000_000_000L, 30_000_000_000L));
    clients.add(client);
    return client.volume(NAME.volume());
  }

  VolumePlace place(long preferred, long refusedEpoch) throws FabricException {
    try (MonitorClient client =
        MonitorClient.connect(clientFabric, monitor.address(), SECRET, TIMEOUT_NS)) {
      return client.findVolume(NAME.toString(), preferred, refusedEpoch);
    }
  }

  @Override
  public void close() {
    clients.forEach(FileClient::close);
    for (Memory memory : memories) {
      memory.component.close();
      memory.fabric.close();
    }
    stopStorage();
    stopMonitor();
    clientFabric.close();
  }
}
