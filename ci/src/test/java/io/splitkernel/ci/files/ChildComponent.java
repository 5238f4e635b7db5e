package io.splitkernel.ci.files;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.shm.ShmConfig;
import io.splitkernel.fabric.shm.ShmFabric;
import io.splitkernel.mcomponent.files.FileCacheConfig;
import io.splitkernel.mcomponent.node.MemoryComponent;
import io.splitkernel.mcomponent.node.MemoryComponentConfig;
import io.splitkernel.scomponent.node.StorageComponent;
import io.splitkernel.scomponent.node.StorageComponentConfig;
import io.splitkernel.scomponent.store.DirectoryStore;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A component in a process of its own, that can be killed. Ends with its stdin. */
final class ChildComponent implements AutoCloseable {
  private static final FabricAddress ANYWHERE = new FabricAddress("127.0.0.1", 0);

  private final Process process;
  final long nodeId;
  final FabricAddress address;

  private ChildComponent(Process process, long nodeId, FabricAddress address) {
    this.process = process;
    this.nodeId = nodeId;
    this.address = address;
  }

  /** A memory component that writes nothing back by itself within the time of a test. */
  static ChildComponent memory(FabricAddress monitor) throws Exception {
    return start("memory", monitor.toString());
  }

  /** The storage component. */
  static ChildComponent storage(FabricAddress monitor, Path store) throws Exception {
    return start("storage", monitor.toString(), store.toString());
  }

  /** How a JVM like this one is started; a class and its arguments are to follow. */
  static List<String> java() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--sun-misc-unsafe-memory-access=allow",
        "--enable-native-access=ALL-UNNAMED",
        "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
        "-XX:+UseSerialGC",
        "-cp",
        System.getProperty("java.class.path"));
  }

  private static ChildComponent start(String... arguments) throws Exception {
    List<String> line = new ArrayList<>(java());
    line.add(ChildComponent.class.getName());
    line.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (BufferedReader out = process.inputReader()) {
      long nodeId = Long.parseLong(out.readLine());
      return new ChildComponent(process, nodeId, FabricAddress.parse(out.readLine()));
    }
  }

  public static void main(String[] arguments) throws Exception {
    Fabric fabric = ShmFabric.open(ShmConfig.defaults());
    FabricAddress monitor = FabricAddress.parse(arguments[1]);
    if (arguments[0].equals("memory")) {
      MemoryComponent component =
          MemoryComponent.start(
              fabric,
              MemoryComponentConfig.of("child", 16L << 20, ANYWHERE, monitor, FileCluster.SECRET)
                  .withFiles(FileCacheConfig.of(32L << 20).withCache(FileCluster.LAZY)));
      System.out.println(component.nodeId() + "\n" + component.address());
    } else {
      StorageComponent component =
          StorageComponent.start(
              fabric,
              DirectoryStore.open(Path.of(arguments[2])),
              StorageComponentConfig.of("storage", ANYWHERE, monitor, FileCluster.SECRET));
      System.out.println(component.nodeId() + "\n" + component.address());
    }
    System.in.transferTo(java.io.OutputStream.nullOutputStream());
    Runtime.getRuntime().halt(0);
  }

  /** Ends it at once. */
  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
