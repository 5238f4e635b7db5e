package io.splitkernel.launcher.command;

import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.settings.Settings;
import picocli.CommandLine.Command;

/** {@code lego pcomponent}: a run that never brings up a cluster of its own. */
@Command(
    name = "pcomponent",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = {
      "One processor component in the foreground, for systemd and Kubernetes.",
      "It joins a running cluster, runs PROGRAM with its children, and ends with it; as 'run', but",
      "it never brings up a cluster of its own."
    },
    footer = {
      "",
      "Example:",
      "  lego pcomponent --monitor memory-host:7700 --secret-file /etc/lego/secret -- redis-server"
    })
final class PcomponentCommand extends RunCommand {
  @Override
  void checkCluster(Settings settings) throws LegoFailure {
    if (settings.monitor().isEmpty()) {
      throw new LegoFailure(
          LegoFailure.USAGE, "no monitor: give --monitor HOST:PORT or LEGO_MONITOR");
    }
  }
}
