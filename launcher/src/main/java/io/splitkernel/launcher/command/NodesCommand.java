package io.splitkernel.launcher.command;

import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.settings.Size;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.cluster.NodeInfo;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code lego nodes}. */
@Command(
    name = "nodes",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Lists the members of the cluster.",
    footer = {"", "Example:", "  lego nodes --monitor localhost:7700"})
final class NodesCommand implements Callable<Integer> {
  private static final String FORMAT = "%-5s %-10s %-18s %-22s %-8s %-10s %-10s %-8s %s%n";

  @Mixin private OperatorConnection cluster;

  @Override
  public Integer call() throws LegoFailure {
    return cluster.ask(client -> {
      System.out.printf(
          Locale.ROOT,
          FORMAT,
          "NODE",
          "ROLE",
          "NAME",
          "ADDRESS",
          "PID",
          "CAPACITY",
          "FREE",
          "VREGIONS",
          "SEEN");
      for (NodeInfo node : client.listNodes()) {
        boolean memory = node.role() == NodeRole.MEMORY;
        System.out.printf(
            Locale.ROOT,
            FORMAT,
            node.nodeId(),
            node.role().name().toLowerCase(Locale.ROOT),
            node.name(),
            node.address() == null ? "-" : node.address(),
            node.processId(),
            memory ? Size.rounded(node.capacityBytes()) : "-",
            memory ? Size.rounded(node.freeBytes()) : "-",
            memory ? Long.toString(node.regions()) : "-",
            node.heartbeatAgeNs() / 1_000_000 + " ms ago");
      }
      return 0;
    });
  }
}
