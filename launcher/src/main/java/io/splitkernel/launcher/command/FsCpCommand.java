package io.splitkernel.launcher.command;

import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.files.Copier;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lego fs cp}. */
@Command(
    name = "cp",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Copies files between this machine and volumes, or between volumes.",
    footer = {"", "Example:", "  lego fs cp big.txt data:/"})
final class FsCpCommand implements Callable<Integer> {
  @Mixin private StorageConnection storage;

  @Option(names = "-r", description = "Directories with what is in them, too.")
  private boolean recursive;

  @Option(
      names = "--no-sync",
      description =
          "Does not wait until each file that is copied to a volume is on the device: a component"
              + " that is lost soon after takes it along.")
  private boolean noSync;

  @Parameters(paramLabel = "FROM", index = "0", description = "Local path, or NAME:/PATH.")
  private String from;

  @Parameters(paramLabel = "TO", index = "1", arity = "1", description = "Likewise.")
  private String to;

  @Override
  public Integer call() throws LegoFailure {
    return storage.run(clients -> new Copier(clients, !noSync).copy(from, to, recursive));
  }
}
