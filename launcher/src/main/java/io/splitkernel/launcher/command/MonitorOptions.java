package io.splitkernel.launcher.command;

import io.splitkernel.launcher.settings.Setting;
import io.splitkernel.launcher.settings.Settings;
import picocli.CommandLine.Option;

/** Which cluster a command talks to. */
final class MonitorOptions {
  @Option(
      names = "--monitor",
      paramLabel = "HOST:PORT",
      description = "The cluster's monitor (also LEGO_MONITOR).")
  private String monitor;

  @Option(
      names = "--secret-file",
      paramLabel = "FILE",
      description =
          "File with the cluster's secret; default: LEGO_SECRET, then what 'lego up' left.")
  private String secretFile;

  Settings apply(Settings settings) {
    return settings.withFlag(Setting.MONITOR, monitor).withFlag(Setting.SECRET_FILE, secretFile);
  }
}
