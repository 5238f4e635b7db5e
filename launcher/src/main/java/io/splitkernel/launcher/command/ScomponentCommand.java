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
import io.splitkernel.scomponent.node.StorageComponent;
import io.splitkernel.scomponent.node.StorageComponentConfig;
import io.splitkernel.scomponent.store.DirectoryStore;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lego scomponent}. */
@Command(
    name = "scomponent",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = {
      "Serves volumes of files from a directory of this machine, in the foreground.",
      "Prints one line when it has joined; logs to stderr; ends with SIGTERM or with the monitor.",
      "It keeps nothing about its clients: after a restart on the same directory they go on."
    },
    footer = {
      "",
      "Example:",
      "  lego scomponent --monitor localhost:7700 --store /srv/lego --secret-file /etc/lego/secret"
    })
final class ScomponentCommand implements Callable<Integer> {
  @Mixin private FabricOptions fabric;
  @Mixin private MonitorOptions monitor;
  @Mixin private ListenOptions listen;
  @Mixin private ServingOptions serving;

  @Option(
      names = "--store",
      paramLabel = "DIR",
      description = "Where the files are kept; made when it is missing.")
  private String store;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Shown to operators, and how clients find it again; default scomponent-PID.")
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
            .withFlag(Setting.STORE, store);
    FabricAddress monitorAddress =
        settings
            .monitor()
            .orElseThrow(() ->
                new LegoFailure(
                    LegoFailure.USAGE, "no monitor: give --monitor HOST:PORT or LEGO_MONITOR"));
    ServingOptions.Limits limits = ServingOptions.limits(settings, machine);
    listen.detachWhenAsked();
    Path directory = Path.of(settings.get(Setting.STORE).value());
    try (DirectoryStore files = DirectoryStore.open(directory, limits.store());
        Fabric open = Fabrics.openAndLog(settings)) {
      StorageComponent component =
          StorageComponent.start(
              open,
              files,
              StorageComponentConfig.of(
                      name == null ? "scomponent-" + ProcessHandle.current().pid() : name,
                      listen.address(),
                      monitorAddress,
                      ClusterSecret.find(settings))
                  .withLimits(limits.files(), limits.rpc()));
      return Component.live(
          "scomponent " + component.address() + " node " + component.nodeId(),
          component.ended(),
          component);
    } catch (FileSystemException e) {
      throw new LegoFailure(LegoFailure.FAILURE, "cannot keep files in " + directory + ": " + e, e);
    } catch (IOException e) {
      throw new LegoFailure(LegoFailure.FAILURE, e.getMessage(), e);
    }
  }
}
