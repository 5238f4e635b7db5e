package io.splitkernel.launcher.command;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.cluster.ClusterSecret;
import io.splitkernel.launcher.cluster.Fabrics;
import io.splitkernel.launcher.logging.Logging;
import io.splitkernel.launcher.settings.Settings;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.cluster.MonitorClient;
import picocli.CommandLine.Mixin;

/** What commands that ask a running cluster have in common. */
final class OperatorConnection {
  private static final long TIMEOUT_NS = 5_000_000_000L;

  @Mixin private OperatorOptions options;

  /** A question to the monitor. */
  interface Question {
    /**
     * Asks it.
     *
     * @param client connected.
     * @return exit status.
     * @throws FabricException when the monitor does not answer.
     * @throws LegoFailure when the answer is no.
     */
    int ask(MonitorClient client) throws FabricException, LegoFailure;
  }

  int ask(Question question) throws LegoFailure {
    Logging.silent();
    Settings settings = options.settings();
    FabricAddress address = options.monitor(settings);
    Secret secret = ClusterSecret.find(settings);
    try (Fabric open = Fabrics.open(settings);
        MonitorClient client = MonitorClient.connect(open, address, secret, TIMEOUT_NS)) {
      return question.ask(client);
    } catch (FabricException e) {
      throw new LegoFailure(
          LegoFailure.FAILURE, "the monitor at " + address + ": " + e.getMessage(), e);
    }
  }
}
