package io.splitkernel.mcomponent.files;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.cluster.MonitorClient;
import io.splitkernel.protocol.cluster.NodeInfo;
import io.splitkernel.protocol.files.client.FileClient;
import io.splitkernel.protocol.files.client.FileClientConfig;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** Connections to storage components, by name. Any thread. */
final class StorageLinks implements AutoCloseable {
  private static final long MONITOR_NS = 10_000_000_000L;

  private final Fabric fabric;
  private final Secret secret;
  private final String self;
  private final FileClientConfig config;
  private final Consumer<String> onRestart;
  private final CompletableFuture<MonitorClient> monitor = new CompletableFuture<>();
  private final Map<String, FileClient> clients = new HashMap<>();
  private boolean closed;

  StorageLinks(
      Fabric fabric,
      Secret secret,
      String self,
      FileClientConfig config,
      Consumer<String> onRestart) {
    this.fabric = fabric;
    this.secret = secret;
    this.self = self;
    this.config = config;
    this.onRestart = onRestart;
  }

  void joined(MonitorClient client) {
    monitor.complete(client);
  }

  /** The connection to a component; blocks while it is made. */
  synchronized FileClient to(String storage) throws FabricException {
    if (closed) {
      throw new FabricException("this component is ending");
    }
    FileClient client = clients.get(storage);
    if (client == null) {
      NodeIdentity identity = new NodeIdentity(0, NodeRole.MEMORY, self);
      client = FileClient.connect(fabric, () -> addressOf(storage), secret, identity, config);
      client.onLoss(() -> onRestart.accept(storage));
      clients.put(storage, client);
    }
    return client;
  }

  /** A component keeps its name when it is started again. */
  private FabricAddress addressOf(String storage) throws FabricException {
    try {
      for (NodeInfo node : monitor.get(MONITOR_NS, TimeUnit.NANOSECONDS).listNodes()) {
        if (node.role() == NodeRole.STORAGE && node.name().equals(storage)) {
          return node.address();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FabricException("interrupted", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new FabricException("not joined yet", e);
    }
    throw new FabricException("storage component " + storage + " is not there");
  }

  @Override
  public void close() {
    Map<String, FileClient> open;
    synchronized (this) {
      closed = true;
      open = Map.copyOf(clients);
    }
    open.values().forEach(FileClient::close);
  }
}
