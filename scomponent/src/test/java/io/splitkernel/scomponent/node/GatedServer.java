package io.splitkernel.scomponent.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.providers.FabricProviders;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeProvider;
import io.splitkernel.protocol.files.client.FileClient;
import io.splitkernel.protocol.files.client.FileClientConfig;
import io.splitkernel.protocol.files.server.FileServerConfig;
import io.splitkernel.scomponent.store.DirectoryStore;
import java.lang.foreign.Arena;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/**
 * A storage component with one worker and a client of its volume v. Lookups wait at a gate, so that
 * the worker can be kept; other operations of volumes can be replaced.
 */
final class GatedServer implements AutoCloseable {
  private static final Secret SECRET = Secret.of("a secret of the tests");
  private static final FabricAddress ANYWHERE = new FabricAddress("127.0.0.1", 0);

  private final CountDownLatch gate = new CountDownLatch(1);
  private final CountDownLatch reached = new CountDownLatch(1);
  private final Map<String, Replacement> replacements = new ConcurrentHashMap<>();
  private final Fabric fabric;
  final DirectoryStore store;
  final StorageComponent component;
  final Arena arena = Arena.ofShared();

  /** What a method of volumes does. */
  interface Replacement {
    /** Called instead; null has the method of the volume called. */
    Object call(Object[] arguments) throws Throwable;
  }

  GatedServer(Path root, int fetchesMax) throws Exception {
    fabric = FabricProviders.open("shm");
    store = DirectoryStore.open(root);
    assertEquals(0, store.makeVolume("v", 0));
    FileServerConfig files = FileServerConfig.DEFAULT;
    StorageComponentConfig base = StorageComponentConfig.of("s", ANYWHERE, null, SECRET);
    FileServerConfig limits =
        new FileServerConfig(
            1,
            files.queuedBytesMax(),
            files.inlineBytesMax(),
            fetchesMax,
            files.drainNs(),
            files.transferNs());
    VolumeProvider volumes = replaced(VolumeProvider.class, store);
    component = StorageComponent.start(fabric, volumes, base.withLimits(limits, base.rpc()));
  }

  FileClient connect() throws Exception {
    NodeIdentity self = new NodeIdentity(0, NodeRole.CONTROL, "test");
    return FileClient.connect(fabric, component::address, SECRET, self, FileClientConfig.DEFAULT);
  }

  void replace(String method, Replacement by) {
    replacements.put(method, by);
  }

  /** Keeps the only worker until {@link #release}; returns when it is kept. */
  CompletableFuture<Integer> keepWorker(Volume volume) throws InterruptedException {
    CompletableFuture<Integer> kept =
        CompletableFuture.supplyAsync(() -> volume.lookup("/", 0, new FileAttributes()));
    reached.await();
    return kept;
  }

  void release() {
    gate.countDown();
  }

  private <T> T replaced(Class<T> type, T under) {
    Object proxy =
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> through(self, method, arguments, under));
    return type.cast(proxy);
  }

  private Object through(Object self, Method method, Object[] arguments, Object under)
      throws Throwable {
    if (method.getName().equals("use")) {
      return InvocationHandler.invokeDefault(self, method, arguments);
    }
    if (method.getName().equals("lookup")) {
      reached.countDown();
      gate.await();
    }
    Replacement by = replacements.get(method.getName());
    Object instead = by == null ? null : by.call(arguments);
    Object result = instead == null ? method.invoke(under, arguments) : instead;
    return result instanceof Volume found ? replaced(Volume.class, found) : result;
  }

  @Override
  public void close() {
    release();
    component.close();
    store.close();
    fabric.close();
    arena.close();
  }
}
