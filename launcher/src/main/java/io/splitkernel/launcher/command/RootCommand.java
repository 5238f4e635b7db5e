package io.splitkernel.launcher.command;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lego} itself. */
@Command(
    name = "lego",
    versionProvider = Version.class,
    mixinStandardHelpOptions = true,
    description = "Runs unmodified Linux programs on remote memory.",
    footer = {
      "",
      "Examples:",
      "  lego doctor                                    what this machine can do",
      "  lego run --cache 64m --stats -- sort big.txt   one program, on a cluster of its own",
      "  lego up -m 2                                   a cluster that stays, until 'lego down'",
      "",
      "Settings come from flags, then LEGO_* variables, then ~/.config/lego/config;",
      "'lego config' prints them all. SIZE takes k, m, g, t."
    })
final class RootCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    CommandLine line = spec.commandLine();
    throw new ParameterException(line, "which command? " + String.join(", ", names(line)));
  }

  private static Iterable<String> names(CommandLine line) {
    return line.getSubcommands().entrySet().stream()
        .filter(e -> !e.getValue().getCommandSpec().usageMessage().hidden())
        .map(e -> e.getKey())
        .toList();
  }
}
