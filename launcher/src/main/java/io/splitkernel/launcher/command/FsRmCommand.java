package io.splitkernel.launcher.command;

import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.files.Copier;
import io.splitkernel.launcher.files.VolumePath;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lego fs rm}. */
@Command(
    name = "rm",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Removes files of a volume.",
    footer = {"", "Example:", "  lego fs rm -r data:/logs"})
final class FsRmCommand implements Callable<Integer> {
  @Mixin private StorageConnection storage;

  @Option(names = "-r", description = "Directories with what is in them, too.")
  private boolean recursive;

  @Parameters(paramLabel = "NAME:/PATH", arity = "1..*", description = "To remove.")
  private List<String> paths;

  @Override
  public Integer call() throws LegoFailure {
    return storage.run(clients -> {
      for (String path : paths) {
        new Copier(clients).remove(VolumePath.parse(path), recursive);
      }
    });
  }
}
