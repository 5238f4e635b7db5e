package io.splitkernel.ci.files;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.shm.ShmConfig;
import io.splitkernel.fabric.shm.ShmFabric;
import io.splitkernel.mcomponent.files.FileCacheConfig;
import io.splitkernel.mcomponent.node.MemoryComponent;
import io.splitkernel.mcomponent.node.MemoryComponentConfig;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.List;

/** A memory component in a process of its own, that can be killed. Ends with its stdin. */
final class ChildMemory implements AutoCloseable {
  private final Process process;
  final long nodeId;

  private ChildMemory(Process process, long nodeId) {
    this.process = process;
    this.nodeId = nodeId;
  }

  static ChildMemory start(FabricAddress monitor) throws Exception {
    List<String> line =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--sun-misc-unsafe-memory-access=allow",
            "--enable-native-access=ALL-UNNAMED",
            "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            ChildMemory.class.getName(),
            monitor.toString());
    Process process =
        new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (BufferedReader out = process.inputReader()) {
      return new ChildMemory(process, Long.parseLong(out.readLine()));
    }
  }

  public static void main(String[] arguments) throws Exception {
    Fabric fabric = ShmFabric.open(ShmConfig.defaults());
    MemoryComponent component =
        MemoryComponent.start(
            fabric,
            MemoryComponentConfig.of(
                    "child",
                    16L << 20,
                    new FabricAddress("127.0.0.1", 0),
                    FabricAddress.parse(arguments[0]),
                    FileCluster.SECRET)
                .withFiles(FileCacheConfig.of(32L << 20).withCache(FileCluster.LAZY)));
    System.out.println(component.nodeId());
    System.in.transferTo(java.io.OutputStream.nullOutputStream());
    Runtime.getRuntime().halt(0);
  }

  /** Ends it at once. */
  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
