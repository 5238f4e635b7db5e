package io.splitkernel.ci.files;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.shm.ShmConfig;
import io.splitkernel.fabric.shm.ShmFabric;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.files.client.FileClient;
import io.splitkernel.protocol.files.client.FileClientConfig;
import io.splitkernel.protocol.files.server.FileServerConfig;
import io.splitkernel.protocol.rpc.RpcSettings;
import io.splitkernel.scomponent.node.StorageComponent;
import io.splitkernel.scomponent.node.StorageComponentConfig;
import io.splitkernel.scomponent.store.DirectoryStore;
import io.splitkernel.scomponent.store.StoreSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A storage component without a monitor, in a JVM with little heap. Ends with its stdin. */
final class SmallServer implements AutoCloseable {
  static final String VOLUME = "v";
  static final long HEAP_BYTES = 64L << 20;
  static final long PATIENCE_NS = 30_000_000_000L;

  /** Classes, compiled code, stacks and buffers of a worker's own: what no setting counts. */
  private static final long JVM_BYTES = 224L << 20;

  private final Process process;
  private final FabricAddress address;
  private final int clientsMax;

  private SmallServer(Process process, FabricAddress address, int clientsMax) {
    this.process = process;
    this.address = address;
    this.clientsMax = clientsMax;
  }

  /** Starts one, with an empty volume when the store is empty. */
  static SmallServer start(Path store, int clientsMax, int openFilesMax) throws IOException {
    List<String> line = new ArrayList<>(ChildComponent.java());
    line.add(1, "-Xmx" + HEAP_BYTES);
    line.add(SmallServer.class.getName());
    line.addAll(
        List.of(store.toString(), Integer.toString(clientsMax), Integer.toString(openFilesMax)));
    Process process =
        new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (BufferedReader out = process.inputReader()) {
      return new SmallServer(process, FabricAddress.parse(out.readLine()), clientsMax);
    }
  }

  public static void main(String[] arguments) throws Exception {
    StoreSettings open = new StoreSettings(Integer.parseInt(arguments[2]));
    DirectoryStore store = DirectoryStore.open(Path.of(arguments[0]), open);
    store.makeVolume(VOLUME, 0);
    StorageComponent component =
        StorageComponent.start(
            ShmFabric.open(ShmConfig.defaults()),
            store,
            StorageComponentConfig.of(
                    "small", new FabricAddress("127.0.0.1", 0), null, FileCluster.SECRET)
                .withLimits(
                    FileServerConfig.DEFAULT,
                    RpcSettings.DEFAULT.withConnectionsMax(Integer.parseInt(arguments[1]))));
    System.out.println(component.address());
    System.in.transferTo(java.io.OutputStream.nullOutputStream());
    Runtime.getRuntime().halt(0);
  }

  FabricAddress address() {
    return address;
  }

  FileClient connect(Fabric fabric) throws FabricException {
    return FileClient.connect(
        fabric,
        () -> address,
        FileCluster.SECRET,
        new NodeIdentity(0, NodeRole.CONTROL, "test"),
        new FileClientConfig(1, PATIENCE_NS, PATIENCE_NS));
  }

  /** Memory that it may have had at most, by its settings. */
  long boundBytes() {
    return HEAP_BYTES
        + JVM_BYTES
        + clientsMax * RpcSettings.DEFAULT.connectionBytes()
        + FileServerConfig.DEFAULT.bufferBytes();
  }

  /** Memory that it has had at most. */
  long peakBytes() throws IOException {
    try (Stream<String> lines = Files.lines(proc("status"))) {
      String line = lines.filter(l -> l.startsWith("VmHWM:")).findFirst().orElseThrow();
      return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
    }
  }

  /** Its descriptors of files below a directory. */
  long descriptorsBelow(Path directory) throws IOException {
    long count = 0;
    try (Stream<Path> all = Files.list(proc("fd"))) {
      for (Path each : all.toList()) {
        count += targetOf(each).startsWith(directory) ? 1 : 0;
      }
    }
    return count;
  }

  private static Path targetOf(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor);
    } catch (IOException e) {
      return Path.of(""); // closed meanwhile
    }
  }

  private Path proc(String name) {
    return Path.of("/proc", Long.toString(process.pid()), name);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Ends it at once. */
  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
