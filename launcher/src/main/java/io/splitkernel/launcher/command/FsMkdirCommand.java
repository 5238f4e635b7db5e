package io.splitkernel.launcher.command;

import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.files.Copier;
import io.splitkernel.launcher.files.VolumePath;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lego fs mkdir}. */
@Command(
    name = "mkdir",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Makes a directory on a volume.",
    footer = {"", "Example:", "  lego fs mkdir -p data:/logs/old"})
final class FsMkdirCommand implements Callable<Integer> {
  @Mixin private StorageConnection storage;

  @Option(names = "-p", description = "With its parents; no error when it is there.")
  private boolean parents;

  @Parameters(paramLabel = "NAME:/PATH", description = "To make.")
  private String path;

  @Override
  public Integer call() throws LegoFailure {
    VolumePath target = VolumePath.parse(path);
    return storage.run(clients -> new Copier(clients).makeDirectory(target, parents));
  }
}
