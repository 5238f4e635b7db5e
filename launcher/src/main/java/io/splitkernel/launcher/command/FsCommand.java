package io.splitkernel.launcher.command;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lego fs}. */
@Command(
    name = "fs",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Files on volumes of the storage components.",
    footer = {
      "",
      "Examples:",
      "  lego fs mkvol data --quota 10g     a volume",
      "  lego fs cp -r src data:/           copies a tree to it",
      "  lego fs ls data:/src               lists a directory of it; without argument, volumes"
    })
final class FsCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    CommandLine line = spec.commandLine();
    throw new ParameterException(
        line, "which command? " + String.join(", ", line.getSubcommands().keySet()));
  }
}
