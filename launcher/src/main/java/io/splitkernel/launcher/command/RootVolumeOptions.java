package io.splitkernel.launcher.command;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.files.StorageClients;
import io.splitkernel.launcher.program.ProgramOutcome;
import io.splitkernel.launcher.root.RootVolume;
import io.splitkernel.launcher.settings.Setting;
import io.splitkernel.launcher.settings.Settings;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.files.client.FileClientConfig;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which volume a program works in. */
final class RootVolumeOptions {
  @Option(
      names = "--root-volume",
      paramLabel = "VOLUME",
      description = {
        "Runs the program in this volume of a storage component: it is its working directory.",
        "PROGRAM is still found from the caller's directory. What was written is on the device",
        "when the run ends, or the exit status is 125."
      })
  private String volume;

  @Option(
      names = "--store",
      paramLabel = "DIR",
      description = {
        "Without --monitor: the directory of a storage component for this run, which has the",
        "volume or makes it (also LEGO_STORE)."
      })
  private String store;

  /** What runs in the volume. */
  interface Work {
    /**
     * Runs it.
     *
     * @param directory where.
     * @return how it ended.
     * @throws LegoFailure when Lego, not the program, failed.
     */
    ProgramOutcome run(String directory) throws LegoFailure;
  }

  Settings apply(Settings settings) throws LegoFailure {
    Settings all = settings.withFlag(Setting.STORE, store);
    boolean embedded = all.monitor().isEmpty();
    if (store != null && volume == null) {
      throw new LegoFailure(LegoFailure.USAGE, "--store is for the volume of --root-volume");
    }
    if (store != null && !embedded) {
      throw new LegoFailure(
          LegoFailure.USAGE,
          "--store is for a run without a monitor: the cluster's storage components have the"
              + " volume; leave out --store, or --monitor and LEGO_MONITOR");
    }
    boolean stores = !all.get(Setting.STORE).origin().equals(Settings.DEFAULT_ORIGIN);
    if (volume != null && embedded && !stores) {
      throw new LegoFailure(
          LegoFailure.RUN_FAILURE,
          "no storage component: give --store DIR for one of its own, or --monitor HOST:PORT of a"
              + " cluster that has one");
    }
    return all;
  }

  boolean isWanted() {
    return volume != null;
  }

  /** Directory of the storage component that an embedded cluster needs, or null. */
  Path store(Settings settings) {
    return volume == null ? null : Path.of(settings.get(Setting.STORE).value());
  }

  /** Runs something in the volume, and makes durable what it wrote there. */
  ProgramOutcome run(
      Fabric fabric, FabricAddress monitor, Secret secret, Settings settings, Work work)
      throws LegoFailure {
    FileClientConfig config = StorageConnection.config(settings);
    try (StorageClients clients = new StorageClients(fabric, monitor, secret, config)) {
      if (settings.monitor().isEmpty() && !clients.volumes().contains(volume)) {
        clients.makeVolume(volume, 0);
      }
      try (RootVolume root = RootVolume.mount(volume, clients.volume(volume), settings)) {
        ProgramOutcome outcome;
        try {
          outcome = work.run(root.directory().toString());
        } catch (LegoFailure e) {
          throw afterFinish(root, config, e);
        }
        root.finish(config.retryNs());
        return outcome.with(root.counters());
      }
    }
  }

  private static LegoFailure afterFinish(
      RootVolume root, FileClientConfig config, LegoFailure failure) {
    try {
      root.finish(config.retryNs());
      return failure;
    } catch (LegoFailure e) {
      return new LegoFailure(
          failure.exitStatus(), failure.getMessage() + "; " + e.getMessage(), failure);
    }
  }
}
