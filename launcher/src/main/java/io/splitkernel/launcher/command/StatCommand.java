package io.splitkernel.launcher.command;

import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.protocol.cluster.NodeCounters;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code lego stat}. */
@Command(
    name = "stat",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Prints the counters of every member, as last reported.",
    footer = {"", "Example:", "  lego stat | grep bytes"})
final class StatCommand implements Callable<Integer> {
  @Mixin private OperatorConnection cluster;

  @Override
  public Integer call() throws LegoFailure {
    return cluster.ask(client -> {
      for (NodeCounters member : client.stats()) {
        String name = member.node().name();
        for (Map.Entry<String, Long> counter : member.values().entrySet()) {
          System.out.printf(
              Locale.ROOT,
              "%-18s %-28s %,20d%n",
              name,
              counter.getKey().toLowerCase(Locale.ROOT),
              counter.getValue());
        }
      }
      return 0;
    });
  }
}
