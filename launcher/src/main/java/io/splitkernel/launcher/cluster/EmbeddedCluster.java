package io.splitkernel.launcher.cluster;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.settings.Size;
import io.splitkernel.monitor.node.MonitorNode;
import io.splitkernel.monitor.node.MonitorNodeConfig;
import io.splitkernel.protocol.Secret;
import java.util.ArrayList;
import java.util.List;

/**
 * A cluster for one run: the monitor in this process, one memory component in a child. The child
 * ends when its monitor is gone, however this process ends. Control thread, and once more a
 * shutdown hook.
 */
public final class EmbeddedCluster implements AutoCloseable {
  private final MonitorNode monitor;
  private final Secret secret;
  private ComponentProcess memory;
  private boolean closed;

  private EmbeddedCluster(MonitorNode monitor, Secret secret) {
    this.monitor = monitor;
    this.secret = secret;
  }

  /**
   * Starts one. It returns before the memory component has joined: a program first needs it when
   * its first dirty page is evicted.
   *
   * @param fabric of this process; stays the caller's.
   * @param fabricArguments by which the child opens its fabric, {@link Fabrics#arguments}.
   * @param memoryBytes that the memory component lends.
   * @param vRegionBytes length of a vRegion.
   * @param extentBytes length of an extent.
   * @return the running cluster.
   * @throws LegoFailure when it cannot be started; nothing is left then.
   */
  public static EmbeddedCluster start(
      Fabric fabric,
      List<String> fabricArguments,
      long memoryBytes,
      long vRegionBytes,
      long extentBytes)
      throws LegoFailure {
    String text = ClusterSecret.fresh();
    Secret secret = Secret.of(text);
    try {
      MonitorNode monitor =
          MonitorNode.start(
              fabric,
              MonitorNodeConfig.of(new FabricAddress("127.0.0.1", 0), secret)
                  .withVRegionBytes(vRegionBytes));
      EmbeddedCluster cluster = new EmbeddedCluster(monitor, secret);
      Runtime.getRuntime().addShutdownHook(new Thread(cluster::close, "lego-embedded-close"));
      List<String> command = new ArrayList<>(fabricArguments);
      command.addAll(0, List.of("mcomponent", "--detached", "--quiet", "--name", "embedded"));
      command.addAll(
          List.of(
              "--monitor",
              monitor.address().toString(),
              "--memory",
              Size.text(memoryBytes),
              "--file-cache",
              "0",
              "--extent",
              Size.text(extentBytes)));
      cluster.memory = ComponentProcess.start("the embedded memory component", command, text, null);
      return cluster;
    } catch (FabricException e) {
      throw new LegoFailure(LegoFailure.RUN_FAILURE, "the embedded monitor: " + e.getMessage(), e);
    }
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
   * Why the memory component is not there any more.
   *
   * @return its last words, or null while it lives.
   */
  public String memoryFailure() {
    return memory == null || memory.handle().isAlive() ? null : memory.lastWords();
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
    monitor.close();
  }
}
