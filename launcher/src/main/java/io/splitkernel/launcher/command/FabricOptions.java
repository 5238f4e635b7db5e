package io.splitkernel.launcher.command;

import io.splitkernel.launcher.settings.Setting;
import io.splitkernel.launcher.settings.Settings;
import picocli.CommandLine.Option;

/** Which fabric a command uses. */
final class FabricOptions {
  @Option(
      names = "--fabric",
      paramLabel = "auto|verbs|shm",
      description = "What moves the bytes; auto takes verbs where a device is, else shm.")
  private String fabric;

  @Option(names = "--device", paramLabel = "NAME", description = "RDMA device, for verbs.")
  private String device;

  @Option(
      names = "--gid-index",
      paramLabel = "N",
      description = "GID of the device, for verbs; see lego devices.")
  private String gidIndex;

  Settings apply(Settings settings) {
    return settings
        .withFlag(Setting.FABRIC, fabric)
        .withFlag(Setting.DEVICE, device)
        .withFlag(Setting.GID_INDEX, gidIndex);
  }
}
