package io.splitkernel.launcher.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.bench.BenchClient;
import io.splitkernel.launcher.bench.BenchDocument;
import io.splitkernel.launcher.bench.BenchOperation;
import io.splitkernel.launcher.bench.BenchPlan;
import io.splitkernel.launcher.bench.BenchResult;
import io.splitkernel.launcher.bench.BenchServer;
import io.splitkernel.launcher.bench.BenchTable;
import io.splitkernel.launcher.cluster.Fabrics;
import io.splitkernel.launcher.cluster.TetheredProcess;
import io.splitkernel.launcher.logging.Logging;
import io.splitkernel.launcher.settings.MachineDefaults;
import io.splitkernel.launcher.settings.Settings;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lego bench}. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = {
      "Measures one-sided operations of the fabric against another process, in perftest's columns.",
      "The other process is on this machine, or 'lego bench --serve' on HOST."
    },
    footer = {
      "",
      "The JSON is one object: op, fabric, device, bytes, iterations, min_ns, p50_ns, p90_ns, p99_ns,",
      "p999_ns, max_ns, mean_ns, for bandwidth bytes_per_second, and details. With several sizes it",
      "is the last one's, and 'results' has one for each.",
      "",
      "Examples:",
      "  lego bench read-lat                               4096 bytes, target on this machine",
      "  lego bench read-lat --fabric verbs -s 8,64,4k     over the RDMA device of this machine",
      "  lego bench --serve                                on one machine, 10.0.0.1, and on another:",
      "  lego bench read-bw -s 64k -n 5000 --json bw.json 10.0.0.1"
    })
final class BenchCommand implements Callable<Integer> {
  private static final long READY_TIMEOUT_MS = 60_000;
  private static final String LISTENING = "listening ";

  /** As a shell says that a command ended by SIGINT. */
  private static final int INTERRUPTED = 130;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "read-lat|write-lat|atomic-lat|read-bw|write-bw",
      description = "What to measure; not needed with --serve.")
  private String operation;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "HOST[:PORT]",
      description = {
        "Where 'lego bench --serve' runs; port " + BenchPeerOptions.PORT + " if none is given.",
        "Without it the target is a second process on this machine, which ends with this one."
      })
  private String host;

  @Mixin private BenchPeerOptions peer;
  @Mixin private BenchOptions options;
  @Mixin private FabricOptions fabricOptions;

  @Option(names = "--json", paramLabel = "FILE", description = "Also write the figures there.")
  private Path json;

  @Option(
      names = "--hgrm",
      paramLabel = "FILE",
      description = "Also write the percentiles of the last latency, in HdrHistogram's format.")
  private Path hgrm;

  @Override
  public Integer call() throws LegoFailure {
    Logging.silent();
    peer.tetherWhenAsked();
    peer.check(host);
    Settings settings =
        fabricOptions.apply(Settings.load(System.getenv(), MachineDefaults.of(System.getenv())));
    try {
      return peer.isTarget() ? serve(settings) : measure(settings);
    } catch (FabricException e) {
      throw new LegoFailure(LegoFailure.FAILURE, e.getMessage(), e);
    }
  }

  private BenchOperation operation() throws LegoFailure {
    if (operation == null) {
      throw usage("what is to be measured? read-lat, write-lat, atomic-lat, read-bw or write-bw");
    }
    for (BenchOperation each : BenchOperation.values()) {
      if (each.text().equals(operation)) {
        return each;
      }
    }
    throw usage(
        "'" + operation + "' is none of read-lat, write-lat, atomic-lat, read-bw and write-bw");
  }

  private static LegoFailure usage(String message) {
    return new LegoFailure(LegoFailure.USAGE, message);
  }

  private int serve(Settings settings) throws LegoFailure, FabricException {
    if (operation != null) {
      operation();
    }
    long lentBytes = options.lentBytes();
    FabricAddress address = peer.listenAddress();
    try (Fabric fabric = Fabrics.open(settings);
        BenchServer server = listen(fabric, address, lentBytes)) {
      System.out.println(LISTENING + server.address());
      System.out.flush();
      server.run();
      return 0;
    }
  }

  private static BenchServer listen(Fabric fabric, FabricAddress address, long lentBytes)
      throws FabricException {
    try {
      return new BenchServer(fabric, address, lentBytes);
    } catch (FabricException e) {
      throw cured(e, "listen", "--listen HOST:PORT chooses another place");
    }
  }

  /** The fabric does not know what listens there, and asks for a component. */
  private static FabricException cured(FabricException e, String call, String cure) {
    String message = e.getMessage();
    return message.startsWith(call)
        ? new FabricException(
            message.replaceAll("; is the component [^?]*\\?", "") + "; " + cure, e)
        : e;
  }

  private int measure(Settings settings) throws LegoFailure, FabricException {
    List<BenchPlan> plans = options.plans(operation());
    Optional<FabricAddress> address = peer.target(host);
    OutputFile.check("--json", json);
    OutputFile.check("--hgrm", hgrm);
    try (Fabric fabric = Fabrics.open(settings)) {
      if (address.isEmpty()) {
        return measureHere(settings, fabric, plans);
      }
      try (BenchClient client = connect(fabric, address.get(), plans)) {
        return measure(client, plans);
      }
    }
  }

  private static int largest(List<BenchPlan> plans) {
    return plans.stream().mapToInt(BenchPlan::sizeBytes).max().orElseThrow();
  }

  private static BenchClient connect(Fabric fabric, FabricAddress target, List<BenchPlan> plans)
      throws FabricException {
    try {
      int outstanding = plans.stream().mapToInt(BenchPlan::outstanding).max().orElseThrow();
      return new BenchClient(fabric, target, largest(plans), outstanding);
    } catch (FabricException e) {
      throw cured(e, "connect", "'lego bench --serve' must run there");
    }
  }

  /** Against a second process of this machine. */
  private int measureHere(Settings settings, Fabric fabric, List<BenchPlan> plans)
      throws LegoFailure, FabricException {
    List<String> arguments = new ArrayList<>(List.of("bench", "--serve", "--tethered"));
    arguments.addAll(List.of("--listen", "127.0.0.1:0", "-s", Integer.toString(largest(plans))));
    arguments.addAll(Fabrics.arguments(settings));
    try (TetheredProcess target = TetheredProcess.start("the target process", arguments)) {
      try {
        String line = target.awaitReady(READY_TIMEOUT_MS);
        FabricAddress address = FabricAddress.parse(line.replaceFirst("^" + LISTENING, ""));
        try (BenchClient client = connect(fabric, address, plans)) {
          return measure(client, plans);
        }
      } catch (LegoFailure | FabricException e) {
        if (target.isClosed()) {
          return INTERRUPTED; // a signal is ending this process, and has ended the target
        }
        String words = target.failure();
        if (e instanceof FabricException && !words.isEmpty()) {
          throw new LegoFailure(LegoFailure.FAILURE, "the target process ended: " + words, e);
        }
        throw e;
      }
    }
  }

  private int measure(BenchClient client, List<BenchPlan> plans)
      throws LegoFailure, FabricException {
    BenchDocument document = new BenchDocument(client.provider(), client.device());
    BenchResult last = null;
    System.out.println(BenchTable.head(plans.getFirst().operation()));
    for (BenchPlan plan : plans) {
      last = client.run(plan);
      System.out.println(BenchTable.line(last));
      document.add(last);
    }
    try {
      write(document, last);
    } catch (IOException e) {
      throw new LegoFailure(LegoFailure.FAILURE, "cannot write " + e.getMessage(), e);
    }
    return 0;
  }

  private void write(BenchDocument document, BenchResult last) throws IOException {
    if (json != null) {
      new ObjectMapper()
          .writerWithDefaultPrettyPrinter()
          .writeValue(json.toFile(), document.asMap());
    }
    if (hgrm != null && !last.plan().operation().isBandwidth()) {
      try (PrintStream out =
          new PrintStream(Files.newOutputStream(hgrm), false, StandardCharsets.UTF_8)) {
        last.latencyNs().outputPercentileDistribution(out, 1_000.0);
      }
    }
  }
}
