package io.splitkernel.launcher.command;

import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.settings.Size;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lego fs mkvol}. */
@Command(
    name = "mkvol",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Makes a volume.",
    footer = {"", "Example:", "  lego fs mkvol data --quota 10g"})
final class FsMkvolCommand implements Callable<Integer> {
  @Mixin private StorageConnection storage;

  @Option(
      names = "--quota",
      paramLabel = "SIZE",
      description = "Length of all files together, at most; default: what the device has.")
  private String quota;

  @Parameters(paramLabel = "NAME", description = "Of the volume.")
  private String name;

  @Override
  public Integer call() throws LegoFailure {
    long bytes;
    try {
      bytes = quota == null ? 0 : Size.parse(quota);
    } catch (IllegalArgumentException e) {
      throw new LegoFailure(LegoFailure.USAGE, "--quota: " + e.getMessage(), e);
    }
    return storage.run(clients -> clients.makeVolume(name, bytes));
  }
}
