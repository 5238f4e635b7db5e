package io.splitkernel.launcher.command;

import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.protocol.cluster.ProgramInfo;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code lego ps}. */
@Command(
    name = "ps",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Lists the programs that run in the cluster.",
    footer = {"", "PID is NODE.PID, as 'lego kill' takes it.", "", "Example:", "  lego ps"})
final class PsCommand implements Callable<Integer> {
  @Mixin private OperatorConnection cluster;

  @Override
  public Integer call() throws LegoFailure {
    return cluster.ask(client -> {
      List<ProgramInfo> programs = client.listPrograms();
      System.out.printf(Locale.ROOT, "%-14s %-25s %s%n", "PID", "STARTED", "PROGRAM");
      for (ProgramInfo program : programs) {
        System.out.printf(
            Locale.ROOT,
            "%-14s %-25s %s%n",
            GlobalPid.text(program.globalPid()),
            Instant.ofEpochMilli(program.startEpochMs()),
            line(program));
      }
      return 0;
    });
  }

  private static String line(ProgramInfo program) {
    return (program.name() + " " + program.arguments()).strip().replaceAll("\\p{Cntrl}", "?");
  }
}
