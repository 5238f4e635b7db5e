package io.splitkernel.launcher.command;

import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.settings.MachineDefaults;
import io.splitkernel.launcher.settings.Setting;
import io.splitkernel.launcher.settings.Settings;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code lego config}. */
@Command(
    name = "config",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Prints each setting with its value and where the value came from.",
    footer = {
      "",
      "A flag beats the environment, the environment beats the file, the file beats the default.",
      "The file is ~/.config/lego/config, or what LEGO_CONFIG names: lines of the form name=value.",
      "",
      "Example:",
      "  LEGO_CACHE=64m lego config"
    })
final class ConfigCommand implements Callable<Integer> {
  @Mixin private FabricOptions fabric;
  @Mixin private MonitorOptions monitor;

  @Override
  public Integer call() throws LegoFailure {
    Settings settings =
        monitor.apply(
            fabric.apply(Settings.load(System.getenv(), MachineDefaults.of(System.getenv()))));
    for (Setting setting : Setting.values()) {
      Settings.Resolved resolved = settings.get(setting);
      System.out.printf(
          Locale.ROOT,
          "%-38s # %s; %s%n",
          setting.key() + "=" + resolved.value(),
          resolved.origin(),
          setting.meaning());
    }
    return 0;
  }
}
