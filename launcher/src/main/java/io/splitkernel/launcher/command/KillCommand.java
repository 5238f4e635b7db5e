package io.splitkernel.launcher.command;

import io.splitkernel.launcher.LegoFailure;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lego kill}. */
@Command(
    name = "kill",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Sends a signal to programs of the cluster, wherever they run.",
    footer = {"", "Example:", "  lego kill -s INT 3.4711"})
final class KillCommand implements Callable<Integer> {
  private static final int HIGHEST_SIGNAL = 64;
  private static final Map<String, Integer> SIGNALS =
      Map.of(
          "HUP", 1, "INT", 2, "QUIT", 3, "KILL", 9, "USR1", 10, "USR2", 12, "TERM", 15, "CONT", 18,
          "STOP", 19, "TSTP", 20);

  @Mixin private OperatorConnection cluster;

  @Option(
      names = {"-s", "--signal"},
      paramLabel = "SIGNAL",
      defaultValue = "TERM",
      description = "Name or number; default TERM.")
  private String signal;

  @Parameters(arity = "1..*", paramLabel = "NODE.PID", description = "As 'lego ps' shows it.")
  private List<String> pids;

  @Override
  public Integer call() throws LegoFailure {
    int number = number(signal);
    long[] targets = new long[pids.size()];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = GlobalPid.parse(pids.get(i));
    }
    return cluster.ask(client -> {
      for (long target : targets) {
        String reason = client.kill(target, number);
        if (reason != null) {
          throw new LegoFailure(LegoFailure.FAILURE, GlobalPid.text(target) + ": " + reason);
        }
      }
      return 0;
    });
  }

  static int number(String text) throws LegoFailure {
    String name = text.toUpperCase(Locale.ROOT).replaceFirst("^SIG", "");
    Integer known = SIGNALS.get(name);
    if (known != null) {
      return known;
    }
    try {
      int number = Integer.parseInt(name);
      if (number >= 1 && number <= HIGHEST_SIGNAL) {
        return number;
      }
    } catch (NumberFormatException e) {
      // neither a name nor a number
    }
    throw new LegoFailure(
        LegoFailure.USAGE,
        "'" + text + "' is not a signal: use 1 to 64 or one of " + String.join(", ", names()));
  }

  private static List<String> names() {
    return SIGNALS.entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .toList();
  }
}
