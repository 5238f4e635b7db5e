package io.splitkernel.launcher.files;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.ffi.Errno;
import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.cluster.MonitorClient;
import io.splitkernel.protocol.cluster.NodeInfo;
import io.splitkernel.protocol.cluster.VolumeName;
import io.splitkernel.protocol.files.client.FileClient;
import io.splitkernel.protocol.files.client.FileClientConfig;
import io.splitkernel.protocol.files.client.MonitorRoutes;
import io.splitkernel.protocol.files.client.RemoteVolume;
import io.splitkernel.protocol.files.client.Target;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Connections to the storage components of a cluster, and to whoever has each volume, made when
 * they are needed. One thread.
 */
public final class StorageClients implements AutoCloseable {
  private static final long MONITOR_TIMEOUT_NS = 5_000_000_000L;

  private final Fabric fabric;
  private final FabricAddress monitor;
  private final Secret secret;
  private final FileClientConfig config;
  private final Map<String, FileClient> clients = new TreeMap<>();
  private final Map<String, FileClient> ofVolume = new HashMap<>();

  /**
   * @param fabric of this process; stays the caller's.
   * @param monitor of the cluster.
   * @param secret of the cluster.
   * @param config limits of the clients.
   */
  public StorageClients(
      Fabric fabric, FabricAddress monitor, Secret secret, FileClientConfig config) {
    this.fabric = fabric;
    this.monitor = monitor;
    this.secret = secret;
    this.config = config;
  }

  /** A component keeps its name over restarts, so it is found by that. */
  private FabricAddress addressOf(String name) throws FabricException {
    for (NodeInfo node : storageNodes()) {
      if (node.name().equals(name)) {
        return node.address();
      }
    }
    throw new FabricException("storage component " + name + " is not there");
  }

  private List<NodeInfo> storageNodes() throws FabricException {
    try (MonitorClient client =
        MonitorClient.connect(fabric, monitor, secret, MONITOR_TIMEOUT_NS)) {
      return client.listNodes().stream().filter(n -> n.role() == NodeRole.STORAGE).toList();
    }
  }

  private void connectAll() throws LegoFailure {
    try {
      for (NodeInfo node : storageNodes()) {
        if (!clients.containsKey(node.name())) {
          Target target = () -> addressOf(node.name());
          clients.put(node.name(), FileClient.connect(fabric, target, secret, self(), config));
        }
      }
    } catch (FabricException e) {
      throw new LegoFailure(LegoFailure.FAILURE, e.getMessage(), e);
    }
    if (clients.isEmpty()) {
      throw new LegoFailure(
          LegoFailure.FAILURE,
          "the cluster at "
              + monitor
              + " has no storage component: 'lego up -s 1' starts one with"
              + " the cluster, 'lego scomponent' one by itself");
    }
  }

  private static NodeIdentity self() {
    return new NodeIdentity(0, NodeRole.CONTROL, "fs-" + ProcessHandle.current().pid());
  }

  /**
   * A volume of any of the components.
   *
   * @param name of it.
   * @return the volume.
   * @throws LegoFailure when none has it, or one cannot be reached.
   */
  public RemoteVolume volume(String name) throws LegoFailure {
    FileClient client = ofVolume.get(name);
    if (client == null) {
      client = connect(new VolumeName(storageOf(name), name));
      ofVolume.put(name, client);
    }
    return client.volume(name);
  }

  private FileClient connect(VolumeName volume) throws LegoFailure {
    MonitorRoutes routes =
        new MonitorRoutes(fabric, monitor, secret, volume, 0, MONITOR_TIMEOUT_NS);
    try {
      return FileClient.connect(fabric, routes, secret, self(), config);
    } catch (FabricException e) {
      throw new LegoFailure(LegoFailure.FAILURE, e.getMessage(), e);
    }
  }

  private String storageOf(String name) throws LegoFailure {
    connectAll();
    for (Map.Entry<String, FileClient> client : clients.entrySet()) {
      if (list(client.getValue()).contains(name)) {
        return client.getKey();
      }
    }
    throw new LegoFailure(
        LegoFailure.FAILURE,
        "there is no volume '"
            + name
            + "': 'lego fs mkvol "
            + name
            + "' makes one, 'lego fs ls'"
            + " lists them");
  }

  private static List<String> list(FileClient client) throws LegoFailure {
    List<String> names = new ArrayList<>();
    int result = client.listVolumes(names);
    if (result < 0) {
      throw new LegoFailure(LegoFailure.FAILURE, "listing volumes: " + Errno.text(result));
    }
    return names;
  }

  /**
   * Names of all volumes.
   *
   * @return in alphabetical order.
   * @throws LegoFailure when a component cannot be reached.
   */
  public List<String> volumes() throws LegoFailure {
    connectAll();
    List<String> all = new ArrayList<>();
    for (FileClient client : clients.values()) {
      all.addAll(list(client));
    }
    return all.stream().sorted().toList();
  }

  /**
   * Makes a volume on the component that has the fewest.
   *
   * @param name of it.
   * @param quotaBytes of it, 0 for none.
   * @throws LegoFailure when there is one already, or it cannot be made.
   */
  public void makeVolume(String name, long quotaBytes) throws LegoFailure {
    connectAll();
    FileClient fewest = null;
    int least = Integer.MAX_VALUE;
    for (FileClient client : clients.values()) {
      List<String> names = list(client);
      if (names.contains(name)) {
        throw new LegoFailure(LegoFailure.FAILURE, "there is a volume '" + name + "' already");
      }
      if (names.size() < least) {
        least = names.size();
        fewest = client;
      }
    }
    int result = fewest.makeVolume(name, quotaBytes);
    if (result < 0) {
      String hint =
          result == -Errno.EINVAL
              ? "; a name is 1 to 64 letters, digits, '.', '_' or '-', not beginning with a dot"
              : "";
      throw new LegoFailure(
          LegoFailure.FAILURE, "mkvol " + name + ": " + Errno.text(result) + hint);
    }
  }

  @Override
  public void close() {
    ofVolume.values().forEach(FileClient::close);
    clients.values().forEach(FileClient::close);
  }
}
