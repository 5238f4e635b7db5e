package io.splitkernel.launcher.command;

import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.cluster.StateDirectory;
import io.splitkernel.launcher.settings.MachineDefaults;
import io.splitkernel.launcher.settings.Settings;
import java.util.Optional;
import picocli.CommandLine.Mixin;

/** Which running cluster a command is for. */
final class OperatorOptions {
  @Mixin private FabricOptions fabric;
  @Mixin private MonitorOptions monitor;

  Settings settings() throws LegoFailure {
    return monitor.apply(
        fabric.apply(Settings.load(System.getenv(), MachineDefaults.of(System.getenv()))));
  }

  /** The monitor that the settings name, or that of this user's cluster. */
  FabricAddress monitor(Settings settings) throws LegoFailure {
    Optional<FabricAddress> set = settings.monitor();
    if (set.isPresent()) {
      return set.get();
    }
    return StateDirectory.of(settings)
        .monitor()
        .map(FabricAddress::parse)
        .orElseThrow(() ->
            new LegoFailure(
                LegoFailure.USAGE,
                "no cluster: 'lego up' starts one, --monitor HOST:PORT or LEGO_MONITOR names"
                    + " one"));
  }
}
