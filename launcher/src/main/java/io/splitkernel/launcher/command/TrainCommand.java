package io.splitkernel.launcher.command;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.launcher.cluster.Fabrics;
import io.splitkernel.launcher.settings.MachineDefaults;
import io.splitkernel.launcher.settings.Settings;
import io.splitkernel.mcomponent.node.MemoryComponent;
import io.splitkernel.mcomponent.node.MemoryComponentConfig;
import io.splitkernel.monitor.node.MonitorNode;
import io.splitkernel.monitor.node.MonitorNodeConfig;
import io.splitkernel.protocol.Secret;
import java.security.SecureRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * {@code lego train}: a short walk through what starts often, for the build to record in the JVM's
 * ahead-of-time cache. What this machine cannot do is not recorded. Not for users.
 */
@Command(name = "train", hidden = true)
final class TrainCommand implements Callable<Integer> {
  private static final String WORKLOAD = "head -c 6000000 /dev/urandom | od | sort | tail -n 1";

  @Override
  public Integer call() throws Exception {
    CommandLine line = CommandLines.create();
    line.execute("config");
    line.execute("doctor");
    line.execute(
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
    startComponents();
    return 0;
  }

  /** What the children of a run do, recorded in this process. */
  private static void startComponents() throws Exception {
    Settings settings = Settings.load(System.getenv(), MachineDefaults.of(System.getenv()));
    Secret secret = Secret.random(new SecureRandom());
    FabricAddress anyPort = new FabricAddress("127.0.0.1", 0);
    try (Fabric fabric = Fabrics.open(settings);
        MonitorNode monitor = MonitorNode.start(fabric, MonitorNodeConfig.of(anyPort, secret));
        MemoryComponent memory =
            MemoryComponent.start(
                fabric,
                MemoryComponentConfig.of(
                    "training", 64L << 20, anyPort, monitor.address(), secret))) {
      System.out.println("monitor " + monitor.address() + ", memory " + memory.address());
    }
  }
}
