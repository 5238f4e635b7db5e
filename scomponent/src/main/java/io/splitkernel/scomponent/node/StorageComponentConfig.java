package io.splitkernel.scomponent.node;

import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.files.server.FileServerConfig;
import io.splitkernel.protocol.rpc.RpcSettings;

/**
 * Everything that a storage component must be told.
 *
 * @param name shown to operators, 1 to 64 characters.
 * @param listen address to listen on; port 0 chooses one.
 * @param monitor where the monitor listens, or null to work without one.
 * @param secret of the cluster.
 * @param monitorTimeoutNs deadline of calls to the monitor, at least 1 ms; default 15 s.
 * @param files limits of the file server.
 * @param rpc limits of messages and connections.
 */
public record StorageComponentConfig(
    String name,
    FabricAddress listen,
    FabricAddress monitor,
    Secret secret,
    long monitorTimeoutNs,
    FileServerConfig files,
    RpcSettings rpc) {
  private static final long MONITOR_TIMEOUT_NS = 15_000_000_000L;

  /** Validates ranges. */
  public StorageComponentConfig {
    if (name == null || name.isBlank() || name.length() > NodeIdentity.NAME_CHARS_MAX) {
      throw new IllegalArgumentException(
          "storage component name '" + name + "' must have 1 to 64 characters");
    }
    if (listen == null || secret == null || files == null || rpc == null) {
      throw new IllegalArgumentException("listen, secret, files and rpc must not be null");
    }
    if (monitorTimeoutNs < 1_000_000L) {
      throw new IllegalArgumentException("monitorTimeoutNs " + monitorTimeoutNs + " is below 1 ms");
    }
  }

  /**
   * With the defaults.
   *
   * @param name shown to operators.
   * @param listen address to listen on.
   * @param monitor where the monitor listens, or null.
   * @param secret of the cluster.
   * @return the configuration.
   */
  public static StorageComponentConfig of(
      String name, FabricAddress listen, FabricAddress monitor, Secret secret) {
    return new StorageComponentConfig(
        name,
        listen,
        monitor,
        secret,
        MONITOR_TIMEOUT_NS,
        FileServerConfig.DEFAULT,
        RpcSettings.DEFAULT);
  }

  /**
   * With other limits.
   *
   * @param newFiles of the file server.
   * @param newRpc of messages and connections.
   * @return a changed copy.
   */
  public StorageComponentConfig withLimits(FileServerConfig newFiles, RpcSettings newRpc) {
    return new StorageComponentConfig(
        name, listen, monitor, secret, monitorTimeoutNs, newFiles, newRpc);
  }
}
