package io.splitkernel.launcher.command;

import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.files.Listing;
import io.splitkernel.launcher.files.VolumePath;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lego fs ls}. */
@Command(
    name = "ls",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = {
      "Lists a directory of a volume; without argument, the volumes.",
      "Names are sorted, of a directory with more than 10,000 each 10,000 for themselves."
    },
    footer = {"", "Example:", "  lego fs ls -l data:/src"})
final class FsLsCommand implements Callable<Integer> {
  @Mixin private StorageConnection storage;

  @Option(names = "-l", description = "With mode, links, owner, size and time.")
  private boolean detailed;

  @Parameters(paramLabel = "NAME:/PATH", arity = "0..1", description = "Directory or file.")
  private String path;

  @Override
  public Integer call() throws LegoFailure {
    return storage.run(clients -> {
      PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false);
      if (path == null) {
        clients.volumes().forEach(out::println);
      } else {
        new Listing(clients, out, detailed).list(VolumePath.parse(path));
      }
      out.flush();
    });
  }
}
