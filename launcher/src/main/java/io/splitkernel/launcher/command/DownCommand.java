package io.splitkernel.launcher.command;

import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.cluster.LocalCluster;
import io.splitkernel.launcher.logging.Logging;
import io.splitkernel.launcher.settings.MachineDefaults;
import io.splitkernel.launcher.settings.Settings;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code lego down}. */
@Command(
    name = "down",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = {
      "Stops the cluster that 'lego up' started and removes its state.",
      "Programs that still run on it end with status 125. Without a cluster it does nothing."
    })
final class DownCommand implements Callable<Integer> {
  @Override
  public Integer call() throws LegoFailure {
    Logging.silent();
    Settings settings = Settings.load(System.getenv(), MachineDefaults.of(System.getenv()));
    int ended = new LocalCluster(settings).down();
    System.out.println(ended == 0 ? "no cluster was up" : "stopped " + ended + " components");
    return 0;
  }
}
