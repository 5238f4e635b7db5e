package io.splitkernel.launcher.command;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.cluster.ClusterSecret;
import io.splitkernel.launcher.cluster.Fabrics;
import io.splitkernel.launcher.files.StorageClients;
import io.splitkernel.launcher.logging.Logging;
import io.splitkernel.launcher.settings.Setting;
import io.splitkernel.launcher.settings.Settings;
import io.splitkernel.protocol.files.client.FileClientConfig;
import java.io.IOException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What commands on volumes have in common. */
final class StorageConnection {
  private static final int RETRY_SECONDS_MAX = 86_400;

  @Mixin private OperatorOptions options;

  @Option(
      names = "--retry",
      paramLabel = "SECONDS",
      description = "How long to try again when a component is away; default 60.")
  private String retry;

  /** Work on volumes. */
  interface Work {
    /**
     * Does it.
     *
     * @param clients to use.
     * @throws LegoFailure when it cannot be done.
     * @throws IOException when a local stream fails.
     */
    void run(StorageClients clients) throws LegoFailure, IOException;
  }

  int run(Work work) throws LegoFailure {
    Logging.silent();
    Settings settings = options.settings().withFlag(Setting.RETRY, retry);
    FileClientConfig config = config(settings);
    try (Fabric open = Fabrics.open(settings);
        StorageClients clients =
            new StorageClients(
                open, options.monitor(settings), ClusterSecret.find(settings), config)) {
      work.run(clients);
      return 0;
    } catch (IOException e) {
      throw new LegoFailure(LegoFailure.FAILURE, e.toString(), e);
    }
  }

  /** How clients of storage components behave. */
  static FileClientConfig config(Settings settings) throws LegoFailure {
    long retryNs = settings.number(Setting.RETRY, 0, RETRY_SECONDS_MAX) * 1_000_000_000L;
    FileClientConfig standard = FileClientConfig.DEFAULT;
    return new FileClientConfig(standard.slots(), standard.callNs(), retryNs);
  }
}
