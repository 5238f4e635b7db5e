package io.splitkernel.scomponent.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import io.splitkernel.scomponent.StorageCounter;
import io.splitkernel.scomponent.store.DirectoryStore;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Reads of what is in memory, while every worker waits for a device. */
@Timeout(60)
final class ReadyReadsTest {
  private static final Secret SECRET = Secret.of("a secret of the tests");
  private static final FabricAddress ANYWHERE = new FabricAddress("127.0.0.1", 0);
  private static final int BLOCK = Volume.BLOCK_BYTES;
  private static final long ID = 7;

  @TempDir private Path root;
  private final CountDownLatch gate = new CountDownLatch(1);
  private final CountDownLatch reached = new CountDownLatch(1);
  private final Arena arena = Arena.ofShared();
  private Fabric fabric;
  private DirectoryStore store;
  private StorageComponent component;
  private FileClient client;
  private Volume volume;

  @BeforeEach
  void start() throws Exception {
    fabric = FabricProviders.open("shm");
    store = DirectoryStore.open(root);
    assertEquals(0, store.makeVolume("v", 0));
    FileServerConfig files = FileServerConfig.DEFAULT;
    StorageComponentConfig base = StorageComponentConfig.of("s", ANYWHERE, null, SECRET);
    component =
        StorageComponent.start(
            fabric,
            gated(VolumeProvider.class, store),
            new StorageComponentConfig(
                base.name(),
                base.listen(),
                null,
                SECRET,
                base.monitorTimeoutNs(),
                new FileServerConfig(
                    1,
                    files.queuedBytesMax(),
                    files.inlineBytesMax(),
                    files.drainNs(),
                    files.transferNs()),
                base.rpc()));
    NodeIdentity self = new NodeIdentity(0, NodeRole.CONTROL, "test");
    client = FileClient.connect(fabric, component::address, SECRET, self, FileClientConfig.DEFAULT);
    volume = client.volume("v");
    assertEquals(0, volume.create("/f", ID, 0, 0600, 0, 0, new FileAttributes()));
    MemorySegment content = arena.allocate(4L * BLOCK).fill((byte) 5);
    assertEquals(4 * BLOCK, volume.write("/f", ID, 0, content));
  }

  @AfterEach
  void stop() {
    gate.countDown();
    client.close();
    component.close();
    store.close();
    fabric.close();
    arena.close();
  }

  /** Lookups wait at the gate. */
  private <T> T gated(Class<T> type, T under) {
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
    Object result = method.invoke(under, arguments);
    return result instanceof Volume found ? gated(Volume.class, found) : result;
  }

  @Test
  void shouldBeAnsweredWithoutAWorker() throws Exception {
    MemorySegment into = arena.allocate(2L * BLOCK, BLOCK);
    assumeTrue(
        store.volume("v").readNow("/f", ID, 0, into) == 2 * BLOCK,
        "the file system tells what is in memory");
    CompletableFuture<Integer> blocked =
        CompletableFuture.supplyAsync(() -> volume.lookup("/", 0, new FileAttributes()));
    reached.await();
    long before = component.counters().get(StorageCounter.READ_BYTES);
    into.fill((byte) 0);
    assertEquals(2 * BLOCK, volume.read("/f", ID, BLOCK, into));
    assertEquals(-1, into.mismatch(arena.allocate(2L * BLOCK).fill((byte) 5)));
    assertEquals(2 * BLOCK, component.counters().get(StorageCounter.READ_BYTES) - before);
    CompletableFuture<Integer> unaligned =
        CompletableFuture.supplyAsync(() -> volume.read("/f", ID, 1, into));
    assertThrows( // only a worker can tell
        TimeoutException.class, () -> unaligned.get(100, TimeUnit.MILLISECONDS));
    gate.countDown();
    assertEquals(0, blocked.get(10, TimeUnit.SECONDS));
    assertEquals(2 * BLOCK, unaligned.get(10, TimeUnit.SECONDS));
  }
}
