package io.splitkernel.launcher.cluster;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.settings.Size;
import io.splitkernel.monitor.node.MonitorNode;
import io.splitkernel.monitor.node.MonitorNodeConfig;
import io.splitkernel.protocol.Secret;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A cluster for one run: the monitor in this process, one memory component in a child, and a
 * storage component in another when there is something to store. The children end with this
 * process, however it ends, and live on while it is stopped. Control thread, and once more a
 * shutdown hook.
 */
public final class EmbeddedCluster implements AutoCloseable {
  private static final long HEARTBEAT_NS = 500_000_000L;

  /** No time: a run may be stopped for days. Its components hang on its life by their stdin. */
  private static final long LEASE_NS = Long.MAX_VALUE / 4;

  private final MonitorNode monitor;
  private final Secret secret;
  private ComponentProcess memory;
  private ComponentProcess storage;
  private boolean closed;

  private EmbeddedCluster(MonitorNode monitor, Secret secret) {
    this.monitor = monitor;
    this.secret = secret;
  }

  /**
   * Starts one. It returns before the memory component has joined: a program first needs it when
   * its first dirty page is evicted. A storage component is waited for by {@link #awaitStorage}.
   *
   * @param fabric of this process; stays the caller's.
   * @param fabricArguments by which the child opens its fabric, {@link Fabrics#arguments}.
   * @param memoryBytes that the memory component lends.
   * @param vRegionBytes length of a vRegion.
   * @param extentBytes length of an extent.
   * @param store directory of its storage component, or null for none.
   * @return the running cluster.
   * @throws LegoFailure when it cannot be started; nothing is left then.
   */
  public static EmbeddedCluster start(
      Fabric fabric,
      List<String> fabricArguments,
      long memoryBytes,
      long vRegionBytes,
      long extentBytes,
      Path store)
      throws LegoFailure {
    String text = ClusterSecret.fresh();
    Secret secret = Secret.of(text);
    try {
      MonitorNode monitor =
          MonitorNode.start(
              fabric,
              MonitorNodeConfig.of(new FabricAddress("127.0.0.1", 0), secret)
                  .withVRegionBytes(vRegionBytes)
                  .withLease(HEARTBEAT_NS, LEASE_NS));
      EmbeddedCluster cluster = new EmbeddedCluster(monitor, secret);
      Runtime.getRuntime().addShutdownHook(new Thread(cluster::close, "lego-embedded-close"));
      List<String> sizes =
          List.of(
              "--memory",
              Size.text(memoryBytes),
              "--extent",
              Size.text(extentBytes),
              "--file-cache",
              "0");
      if (store != null) {
        List<String> files = List.of("--store", store.toAbsolutePath().toString());
        cluster.storage = cluster.child("scomponent", "storage", fabricArguments, files, text);
      }
      cluster.memory = cluster.child("mcomponent", "memory", fabricArguments, sizes, text);
      cluster.memory.onFailedStart(cluster::giveUp);
      return cluster;
    } catch (FabricException e) {
      throw new LegoFailure(LegoFailure.RUN_FAILURE, "the embedded monitor: " + e.getMessage(), e);
    }
  }

  /** Nobody waits for memory that will not come. */
  private synchronized void giveUp() {
    if (!closed) {
      monitor.close();
    }
  }

  private ComponentProcess child(
      String role, String what, List<String> fabric, List<String> own, String secretText)
      throws LegoFailure {
    List<String> command =
        new ArrayList<>(List.of(role, "--detached", "--tethered", "--quiet", "--name", "embedded"));
    command.addAll(fabric);
    command.addAll(List.of("--monitor", monitor.address().toString()));
    command.addAll(own);
    return ComponentProcess.startTethered(
        "the embedded " + what + " component", command, secretText);
  }

  /**
   * Waits until the storage component has joined.
   *
   * @param timeoutNs how long.
   * @throws LegoFailure with its last words, when it ended or is too late.
   */
  public void awaitStorage(long timeoutNs) throws LegoFailure {
    storage.awaitReady(timeoutNs / 1_000_000);
  }

  /**
   * Where its monitor listens.
   *
   * @return the address.
   */
  public FabricAddress monitor() {
    return monitor.address();
  }

  /**
   * Its secret.
   *
   * @return the secret.
   */
  public Secret secret() {
    return secret;
  }

  /**
   * Why one of its components is not there any more.
   *
   * @return which, and its last words, or null while all live.
   */
  public String failure() {
    return ended(memory)
        ? "the memory component ended: " + memory.lastWords()
        : ended(storage) ? "the storage component ended: " + storage.lastWords() : null;
  }

  private static boolean ended(ComponentProcess component) {
    return component != null && !component.handle().isAlive();
  }

  /** Ends it and waits until nothing of it is left. Idempotent. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (memory != null) {
      memory.kill();
    }
    if (storage != null) {
      storage.kill(); // what must not be lost has been synced
    }
    monitor.close();
  }
}
