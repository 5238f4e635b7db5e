package io.splitkernel.launcher.command;

import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.cluster.LocalCluster;
import io.splitkernel.launcher.logging.Logging;
import io.splitkernel.launcher.settings.MachineDefaults;
import io.splitkernel.launcher.settings.Setting;
import io.splitkernel.launcher.settings.Settings;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lego up}. */
@Command(
    name = "up",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = {
      "Starts a cluster on this machine, one OS process per component.",
      "The last line of output is \"monitor HOST:PORT\"."
    },
    footer = {
      "",
      "Example:",
      "  export LEGO_MONITOR=$(lego up -m 2 | sed -n '$s/monitor //p')",
      "  lego run -- sort big.txt",
      "  lego down"
    })
final class UpCommand implements Callable<Integer> {
  private static final int MOST_COMPONENTS = 64;
  private static final long LEAST_BYTES = 64L << 20;

  @Mixin private FabricOptions fabric;

  @Option(
      names = "-m",
      paramLabel = "N",
      defaultValue = "1",
      description = "Memory components; default 1.")
  private int memoryComponents;

  @Option(
      names = "-s",
      paramLabel = "N",
      defaultValue = "0",
      description = "Storage components; default none.")
  private int storageComponents;

  @Option(
      names = "--store",
      paramLabel = "DIR",
      description = "Where they keep files, each in a directory of its own, over 'lego down'.")
  private String store;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description = "Memory that each of them lends; default half of this machine's RAM in all.")
  private String memory;

  @Override
  public Integer call() throws LegoFailure {
    Logging.silent();
    if (memoryComponents < 1 || memoryComponents > MOST_COMPONENTS) {
      throw new LegoFailure(
          LegoFailure.USAGE, "-m " + memoryComponents + ": it must be 1 to " + MOST_COMPONENTS);
    }
    if (storageComponents < 0 || storageComponents > MOST_COMPONENTS) {
      throw new LegoFailure(
          LegoFailure.USAGE, "-s " + storageComponents + ": it must be 0 to " + MOST_COMPONENTS);
    }
    MachineDefaults machine = MachineDefaults.of(System.getenv());
    Settings settings =
        fabric
            .apply(Settings.load(System.getenv(), machine))
            .withFlag(Setting.MCOMPONENT_MEMORY, memory)
            .withFlag(Setting.STORE, store);
    long bytes =
        settings.size(
            Setting.MCOMPONENT_MEMORY, LEAST_BYTES, machine.ramBytes(), "this machine's RAM");
    if (settings.get(Setting.MCOMPONENT_MEMORY).origin().equals(Settings.DEFAULT_ORIGIN)) {
      bytes = Math.max(LEAST_BYTES, bytes / memoryComponents) & -LEAST_BYTES;
    }
    String monitor = new LocalCluster(settings).up(memoryComponents, bytes, storageComponents);
    System.out.println("monitor " + monitor);
    return 0;
  }
}
