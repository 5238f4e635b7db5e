package io.splitkernel.launcher.command;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.cluster.ClusterSecret;
import io.splitkernel.launcher.cluster.EmbeddedCluster;
import io.splitkernel.launcher.cluster.Fabrics;
import io.splitkernel.launcher.logging.Logging;
import io.splitkernel.launcher.program.Executable;
import io.splitkernel.launcher.program.OutcomeReport;
import io.splitkernel.launcher.program.ProgramHost;
import io.splitkernel.launcher.program.ProgramOutcome;
import io.splitkernel.launcher.program.ProgramRequest;
import io.splitkernel.launcher.program.RawArguments;
import io.splitkernel.launcher.program.SupervisedPrograms;
import io.splitkernel.launcher.settings.MachineDefaults;
import io.splitkernel.launcher.settings.Setting;
import io.splitkernel.launcher.settings.Settings;
import io.splitkernel.pcomponent.access.AccessCheck;
import io.splitkernel.pcomponent.node.KernelRelease;
import io.splitkernel.pcomponent.process.Inherited;
import io.splitkernel.protocol.Secret;
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
      "  lego run --monitor localhost:7700 --json run.json -- python3 script.py",
      "  lego run --cache 8m --store DIR --root-volume data -- sqlite3 db.sqlite .tables"
    })
class RunCommand implements Callable<Integer> {
  @Mixin private FabricOptions fabric;
  @Mixin private MonitorOptions monitor;
  @Mixin private SizeOptions sizes;
  @Mixin private RootVolumeOptions root;

  private static final long DESCRIPTORS_MIN = 128;

  @Option(names = "--stats", description = "Prints a summary on stderr at the end.")
  private boolean stats;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Writes the summary as one JSON object.")
  private Path json;

  @Parameters(arity = "1..*", paramLabel = "PROGRAM [ARG...]", description = "What to run.")
  private List<String> program;

  private Inherited inherited;
  private List<byte[]> environment;

  private static void checkDescriptors(long allowed) throws LegoFailure {
    if (allowed < DESCRIPTORS_MIN) {
      throw new LegoFailure(
          125,
          "lego run needs "
              + DESCRIPTORS_MIN
              + " open files, and four more for each process of the program; this process may have "
              + allowed
              + ": raise ulimit -Hn");
    }
  }

  @Override
  public Integer call() throws LegoFailure, IOException {
    final long startedNs = System.nanoTime();
    inherited =
        Inherited.ofThisProcess()
            .withSignals(
                System.getProperty("lego.blocked", ""), System.getProperty("lego.ignored", ""));
    checkDescriptors(DescriptorLimit.raiseForRun());
    MachineDefaults machine = MachineDefaults.of(System.getenv());
    Settings settings =
        sizes.apply(monitor.apply(fabric.apply(Settings.load(System.getenv(), machine))));
    // before anything makes a logger
    settings.text(Setting.LOG_FILE).ifPresentOrElse(Logging::toFile, Logging::silent);
    checkCluster(settings);
    settings = root.apply(settings);
    SizeOptions.Sizes bounds = SizeOptions.resolve(settings, machine);
    List<byte[]> arguments = RawArguments.lastArguments(program);
    environment = RawArguments.environment(Secret.ENVIRONMENT);
    Executable.check(
        arguments.getFirst(),
        RawArguments.value(environment, "PATH"),
        System.getProperty("lego.directory", ""));
    // a report that cannot be written must not cost a finished run
    OutputFile.check("--json", json);
    warnOfOldKernel();
    checkAccess(settings);
    ProgramOutcome outcome = run(settings, bounds, arguments);
    OutcomeReport report = new OutcomeReport(outcome, System.nanoTime() - startedNs);
    if (stats) {
      System.err.print(report.summary());
    }
    if (json != null) {
      report.writeJson(json);
    }
    return outcome.exitStatus();
  }

  /**
   * Looks whether there is a cluster when one is needed.
   *
   * @param settings resolved.
   * @throws LegoFailure when not.
   */
  void checkCluster(Settings settings) throws LegoFailure {
    settings.monitor();
  }

  /** Before a cluster starts: what is missing is told in one line. */
  private static void checkAccess(Settings settings) throws LegoFailure {
    String obstacle =
        AccessCheck.obstacle(AccessCheck.examine(settings.path(Setting.USERFAULTFD_HELPER)));
    if (!obstacle.isEmpty()) {
      throw new LegoFailure(LegoFailure.RUN_FAILURE, obstacle + " (see lego doctor)");
    }
  }

  private static void warnOfOldKernel() {
    if (!KernelRelease.current().isAtLeast(6, 8)) {
      System.err.println(
          "lego run: warning: this kernel has no UFFDIO_MOVE (Linux 6.8): memory that is pinned for"
              + " direct I/O may lose writes when it is evicted");
    }
  }

  private ProgramOutcome run(Settings settings, SizeOptions.Sizes bounds, List<byte[]> arguments)
      throws LegoFailure, IOException {
    try (Fabric fabric = Fabrics.openAndLog(settings)) {
      if (settings.monitor().isPresent()) {
        Secret secret = ClusterSecret.find(settings);
        return run(settings, fabric, settings.monitor().get(), secret, bounds, arguments);
      }
      try (EmbeddedCluster cluster =
          EmbeddedCluster.start(
              fabric,
              Fabrics.arguments(settings),
              bounds.pager().memoryBytes(),
              bounds.vRegionBytes(),
              bounds.extentBytes(),
              root.store(settings))) {
        return runOn(cluster, settings, fabric, bounds, arguments);
      }
    } catch (LegoFailure e) {
      int status = e.exitStatus() == LegoFailure.FAILURE ? LegoFailure.RUN_FAILURE : e.exitStatus();
      throw new LegoFailure(status, e.getMessage(), e);
    }
  }

  private ProgramOutcome runOn(
      EmbeddedCluster cluster,
      Settings settings,
      Fabric fabric,
      SizeOptions.Sizes bounds,
      List<byte[]> arguments)
      throws LegoFailure, IOException {
    if (root.isWanted()) {
      cluster.awaitStorage(settings.startGraceNs());
    }
    try {
      return run(settings, fabric, cluster.monitor(), cluster.secret(), bounds, arguments);
    } catch (LegoFailure e) {
      String failure = cluster.failure();
      throw failure == null
          ? e
          : new LegoFailure(e.exitStatus(), e.getMessage() + "; " + failure, e);
    }
  }

  private ProgramOutcome run(
      Settings settings,
      Fabric fabric,
      FabricAddress monitor,
      Secret secret,
      SizeOptions.Sizes bounds,
      List<byte[]> arguments)
      throws LegoFailure, IOException {
    ProgramHost host = new SupervisedPrograms();
    ProgramRequest request =
        new ProgramRequest(
            arguments,
            environment,
            System.getProperty("lego.descriptors", ""),
            System.getProperty("lego.directory", ""),
            inherited,
            bounds.pager(),
            settings.startGraceNs(),
            settings.path(Setting.USERFAULTFD_HELPER),
            fabric,
            monitor,
            secret);
    if (!root.isWanted()) {
      return host.run(request);
    }
    return root.run(fabric, monitor, secret, settings, at -> host.run(request.in(at)));
  }
}
