package io.splitkernel.launcher.command;

import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.program.Executable;
import io.splitkernel.launcher.program.RawArguments;
import io.splitkernel.launcher.settings.MachineDefaults;
import io.splitkernel.launcher.settings.Setting;
import io.splitkernel.launcher.settings.Settings;
import io.splitkernel.launcher.settings.Size;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lego run}. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = {
      "Runs an unmodified program with its memory in memory components.",
      "stdin, stdout, stderr, signals and the exit status are the program's own."
    },
    footer = {
      "",
      "Exit status: the program's; 128+N when signal N ended it; 125 when Lego failed; 126 and 127",
      "when the program cannot be executed or found; 2 for wrong usage.",
      "",
      "Examples:",
      "  lego run --cache 64m --stats -- sort -o sorted.txt big.txt",
      "  lego run --monitor localhost:7700 --json run.json -- python3 script.py"
    })
@SuppressWarnings("UnusedVariable")
final class RunCommand implements Callable<Integer> {
  private static final long CACHE_LEAST_BYTES = 64 * Size.PAGE_BYTES;

  @Mixin private FabricOptions fabric;
  @Mixin private MonitorOptions monitor;

  @Option(
      names = "--cache",
      paramLabel = "SIZE",
      description = "Local DRAM for the program's pages; default 25%% of --memory.")
  private String cache;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description = "Remote memory; default half of this machine's RAM.")
  private String memory;

  @Option(names = "--stats", description = "Prints a summary on stderr at the end.")
  private boolean stats;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Writes the summary as one JSON object.")
  private Path json;

  @Parameters(arity = "1..*", paramLabel = "PROGRAM [ARG...]", description = "What to run.")
  private List<String> program;

  @Override
  public Integer call() throws LegoFailure, IOException {
    MachineDefaults machine = MachineDefaults.of(System.getenv());
    Settings settings =
        monitor
            .apply(fabric.apply(Settings.load(System.getenv(), machine)))
            .withFlag(Setting.CACHE, cache)
            .withFlag(Setting.MEMORY, memory);
    long memoryBytes =
        settings.monitor().isPresent()
            ? settings.size(Setting.MEMORY, CACHE_LEAST_BYTES)
            : settings.size(
                Setting.MEMORY, CACHE_LEAST_BYTES, machine.ramBytes(), "this machine's RAM");
    long cacheBytes =
        settings.text(Setting.CACHE).isEmpty()
            ? Math.max(CACHE_LEAST_BYTES, Math.min(memoryBytes, machine.ramBytes()) / 4)
            : settings.size(
                Setting.CACHE, CACHE_LEAST_BYTES, machine.ramBytes(), "this machine's RAM");
    List<byte[]> arguments = RawArguments.lastArguments(program.size());
    byte[] executable = Executable.find(arguments.getFirst(), System.getenv("PATH"));
    throw new LegoFailure(
        LegoFailure.RUN_FAILURE,
        "no processor component in this build for "
            + executable.length
            + " with cache "
            + cacheBytes
            + " of "
            + memoryBytes);
  }
}
