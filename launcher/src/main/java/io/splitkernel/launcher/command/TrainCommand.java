package io.splitkernel.launcher.command;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.launcher.cluster.ClusterSecret;
import io.splitkernel.launcher.cluster.Fabrics;
import io.splitkernel.launcher.settings.MachineDefaults;
import io.splitkernel.launcher.settings.Settings;
import io.splitkernel.mcomponent.node.MemoryComponent;
import io.splitkernel.mcomponent.node.MemoryComponentConfig;
import io.splitkernel.monitor.node.MonitorNode;
import io.splitkernel.monitor.node.MonitorNodeConfig;
import io.splitkernel.protocol.Secret;
import io.splitkernel.scomponent.node.StorageComponent;
import io.splitkernel.scomponent.node.StorageComponentConfig;
import io.splitkernel.scomponent.store.DirectoryStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/**
 * {@code lego train}: a short walk through what starts often, for the build to record in the JVM's
 * ahead-of-time cache. What this machine cannot do is not recorded. Not for users.
 */
@Command(name = "train", hidden = true)
final class TrainCommand implements Callable<Integer> {
  private static final int FILE_BYTES = 24 << 20;
  private static final String WORKLOAD = "head -c 6000000 /dev/urandom | od | sort | tail -n 1";

  @Override
  public Integer call() throws Exception {
    execute("config");
    execute("doctor");
    execute("fs", "--help");
    execute(
        "run",
        "--cache",
        "2m",
        "--memory",
        "256m",
        "--stats",
        "--json",
        "/dev/null",
        "--",
        "sh",
        "-c",
        WORKLOAD);
    walkOnCluster();
    return 0;
  }

  /** As when it is the command of a process. */
  private static void execute(String... words) {
    CommandLines.create(words).execute(words);
  }

  /** What the children of a run do, and commands on files, recorded in this process. */
  private static void walkOnCluster() throws Exception {
    Settings settings = Settings.load(System.getenv(), MachineDefaults.of(System.getenv()));
    String text = ClusterSecret.fresh();
    Secret secret = Secret.of(text);
    FabricAddress anyPort = new FabricAddress("127.0.0.1", 0);
    Path scratch = Files.createTempDirectory("lego-train");
    try (Fabric fabric = Fabrics.open(settings);
        MonitorNode monitor = MonitorNode.start(fabric, MonitorNodeConfig.of(anyPort, secret))) {
      FabricAddress at = monitor.address();
      try (MemoryComponent memory =
              MemoryComponent.start(
                  fabric, MemoryComponentConfig.of("training", 64L << 20, anyPort, at, secret));
          DirectoryStore files = DirectoryStore.open(scratch.resolve("store"));
          StorageComponent storage =
              StorageComponent.start(
                  fabric, files, StorageComponentConfig.of("files", anyPort, at, secret))) {
        System.out.println("memory " + memory.address() + ", storage " + storage.address());
        copyFiles(at, text, scratch);
      }
    } finally {
      removeAll(scratch);
    }
  }

  private static void copyFiles(FabricAddress monitor, String secretText, Path scratch)
      throws IOException {
    Path secret = Files.writeString(scratch.resolve("secret"), secretText);
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    Path file = scratch.resolve("file");
    Files.write(file, new byte[FILE_BYTES]);
    List<List<String>> commands =
        List.of(
            List.of("mkvol", "train"),
            List.of("cp", file.toString(), "train:/file"),
            List.of("cp", "train:/file", scratch.resolve("copy").toString()),
            List.of("ls", "-l", "train:/"),
            List.of("rm", "train:/file"));
    for (List<String> command : commands) {
      List<String> arguments = new ArrayList<>(List.of("fs"));
      arguments.addAll(command);
      arguments.addAll(
          List.of("--monitor", monitor.toString(), "--secret-file", secret.toString()));
      execute(arguments.toArray(String[]::new));
    }
  }

  private static void removeAll(Path scratch) throws IOException {
    try (Stream<Path> all = Files.walk(scratch)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }
}
