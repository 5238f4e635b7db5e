package io.splitkernel.launcher.command;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.cluster.ClusterSecret;
import io.splitkernel.launcher.cluster.Fabrics;
import io.splitkernel.launcher.logging.Logging;
import io.splitkernel.launcher.settings.MachineDefaults;
import io.splitkernel.launcher.settings.Setting;
import io.splitkernel.launcher.settings.Settings;
import io.splitkernel.monitor.node.MonitorNode;
import io.splitkernel.monitor.node.MonitorNodeConfig;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lego monitor}. */
@Command(
    name = "monitor",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = {
      "The monitor of a cluster, in the foreground: it knows the members and places memory.",
      "Prints \"monitor HOST:PORT\" when it listens; logs to stderr; ends with SIGTERM."
    },
    footer = {
      "",
      "Example:",
      "  lego monitor --listen 0.0.0.0:7700 --secret-file /etc/lego/secret"
    })
final class MonitorCommand implements Callable<Integer> {
  @Mixin private FabricOptions fabric;
  @Mixin private ListenOptions listen;

  @Option(
      names = "--secret-file",
      paramLabel = "FILE",
      description = "File with the cluster's secret; default: LEGO_SECRET.")
  private String secretFile;

  @Option(
      names = "--vregion",
      paramLabel = "SIZE",
      description = "Unit of placement, a power of two; default 1g.")
  private String vRegion;

  @Override
  public Integer call() throws LegoFailure, FabricException {
    Logging.toStderr();
    Settings settings =
        fabric
            .apply(Settings.load(System.getenv(), MachineDefaults.of(System.getenv())))
            .withFlag(Setting.SECRET_FILE, secretFile)
            .withFlag(Setting.VREGION, vRegion);
    listen.detachWhenAsked();
    try (Fabric open = Fabrics.openAndLog(settings)) {
      MonitorNode monitor =
          MonitorNode.start(
              open,
              MonitorNodeConfig.of(listen.address(), ClusterSecret.find(settings))
                  .withVRegionBytes(SizeOptions.vRegion(settings)));
      return Component.live("monitor " + monitor.address(), monitor.ended(), monitor);
    }
  }
}
