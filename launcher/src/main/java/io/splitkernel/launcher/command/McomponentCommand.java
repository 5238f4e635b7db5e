package io.splitkernel.launcher.command;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.cluster.ClusterSecret;
import io.splitkernel.launcher.cluster.Fabrics;
import io.splitkernel.launcher.logging.Logging;
import io.splitkernel.launcher.settings.MachineDefaults;
import io.splitkernel.launcher.settings.Setting;
import io.splitkernel.launcher.settings.Settings;
import io.splitkernel.mcomponent.files.FileCacheConfig;
import io.splitkernel.mcomponent.node.MemoryComponent;
import io.splitkernel.mcomponent.node.MemoryComponentConfig;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lego mcomponent}. */
@Command(
    name = "mcomponent",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = {
      "Lends memory of this machine to a cluster, in the foreground.",
      "Prints one line when it has joined; logs to stderr; ends with SIGTERM or with the monitor."
    },
    footer = {
      "",
      "Example:",
      "  lego mcomponent --monitor localhost:7700 --memory 8g --secret-file /etc/lego/secret"
    })
final class McomponentCommand implements Callable<Integer> {
  @Mixin private FabricOptions fabric;
  @Mixin private MonitorOptions monitor;
  @Mixin private ListenOptions listen;
  @Mixin private ServingOptions serving;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description = "Memory to lend; default half of this machine's RAM.")
  private String memory;

  @Option(
      names = "--extent",
      paramLabel = "SIZE",
      description = "Unit of allocation, a power of two; default 2m.")
  private String extent;

  @Option(
      names = "--file-cache",
      paramLabel = "SIZE",
      description = "Memory for cached files, beside that; default 256m, 0 for none.")
  private String fileCache;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Shown to operators; default mcomponent-PID.")
  private String name;

  @Option(names = "--quiet", hidden = true)
  private boolean quiet;

  @Override
  public Integer call() throws LegoFailure, FabricException {
    if (quiet) {
      Logging.silent();
    } else {
      Logging.toStderr();
    }
    MachineDefaults machine = MachineDefaults.of(System.getenv());
    Settings settings =
        serving
            .apply(monitor.apply(fabric.apply(Settings.load(System.getenv(), machine))))
            .withFlag(Setting.MCOMPONENT_MEMORY, memory)
            .withFlag(Setting.FILE_CACHE, fileCache)
            .withFlag(Setting.EXTENT, extent);
    FabricAddress monitorAddress =
        settings
            .monitor()
            .orElseThrow(() ->
                new LegoFailure(
                    LegoFailure.USAGE, "no monitor: give --monitor HOST:PORT or LEGO_MONITOR"));
    long extentBytes = SizeOptions.extent(settings);
    long capacity =
        settings.size(
            Setting.MCOMPONENT_MEMORY, extentBytes, machine.ramBytes(), "this machine's RAM");
    long cacheBytes = SizeOptions.fileCache(settings, machine);
    ServingOptions.Limits limits = ServingOptions.limits(settings, machine);
    listen.detachWhenAsked();
    try (Fabric open = Fabrics.openAndLog(settings)) {
      MemoryComponent component =
          MemoryComponent.start(
              open,
              MemoryComponentConfig.of(
                      name == null ? "mcomponent-" + ProcessHandle.current().pid() : name,
                      capacity,
                      listen.address(),
                      monitorAddress,
                      ClusterSecret.find(settings))
                  .withExtentBytes(extentBytes)
                  .withRpc(limits.rpc())
                  .withFiles(FileCacheConfig.of(cacheBytes).withServer(limits.files())));
      return Component.live(
          "mcomponent " + component.address() + " node " + component.nodeId(),
          component.ended(),
          component);
    }
  }
}
