package io.splitkernel.launcher.command;

import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.files.Copier;
import io.splitkernel.launcher.files.VolumePath;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code lego fs cat}. */
@Command(
    name = "cat",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Writes files of volumes to stdout.",
    footer = {"", "Example:", "  lego fs cat data:/src/README.md"})
final class FsCatCommand implements Callable<Integer> {
  @Mixin private StorageConnection storage;

  @Parameters(paramLabel = "NAME:/PATH", arity = "1..*", description = "To write.")
  private List<String> paths;

  @Override
  public Integer call() throws LegoFailure {
    return storage.run(clients -> {
      OutputStream out = new FileOutputStream(FileDescriptor.out);
      for (String path : paths) {
        new Copier(clients).cat(VolumePath.parse(path), out);
      }
    });
  }
}
