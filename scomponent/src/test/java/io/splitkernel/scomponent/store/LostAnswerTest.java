package io.splitkernel.scomponent.store;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.providers.FabricProviders;
import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeProvider;
import io.splitkernel.protocol.files.client.FileClient;
import io.splitkernel.protocol.files.client.FileClientConfig;
import io.splitkernel.scomponent.StorageCounter;
import io.splitkernel.scomponent.node.StorageComponent;
import io.splitkernel.scomponent.node.StorageComponentConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * An operation is carried out, its connection ends before the answer, and the client asks again on
 * a new one: the program must be told what the first attempt did. The answer of a sync is lost as
 * it is, that of the others is replaced by one that ends the connection.
 */
@Timeout(120)
class LostAnswerTest {
  private static final Secret SECRET = Secret.of("a secret of the tests");
  private static final long CALL_NS = 1_000_000_000L;
  private static final FabricAddress ANYWHERE = new FabricAddress("127.0.0.1", 0);

  @TempDir Path root;
  private final Arena arena = Arena.ofShared();
  private final FileAttributes attributes = new FileAttributes();

  /** Method whose next answer is lost. */
  private final AtomicReference<String> lost = new AtomicReference<>();

  private final AtomicBoolean syncFails = new AtomicBoolean();
  private Fabric serverFabric;
  private Fabric clientFabric;
  private DirectoryStore store;
  private StorageComponent component;
  private FileClient client;
  private Volume volume;

  @BeforeEach
  void start() throws Exception {
    serverFabric = FabricProviders.open("shm");
    clientFabric = FabricProviders.open("shm");
    store = DirectoryStore.open(root, StoreSettings.DEFAULT, this::failing);
    VolumeProvider provider = losing(VolumeProvider.class, store);
    component =
        StorageComponent.start(
            serverFabric, provider, StorageComponentConfig.of("s", ANYWHERE, null, SECRET));
    client = connect();
    assertEquals(0, client.makeVolume("v", 0));
    volume = client.volume("v");
  }

  private FileClient connect() throws FabricException {
    NodeIdentity self = new NodeIdentity(0, NodeRole.CONTROL, "test");
    return FileClient.connect(
        clientFabric,
        component::address,
        SECRET,
        self,
        new FileClientConfig(1, CALL_NS, 30_000_000_000L));
  }

  @AfterEach
  void stop() {
    client.close();
    clientFabric.close();
    component.close();
    store.close();
    serverFabric.close();
    arena.close();
  }

  /** ETIMEDOUT ends the connection without an answer. */
  private <T> T losing(Class<T> type, T under) {
    Object proxy =
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              if (method.getName().equals("use")) {
                return InvocationHandler.invokeDefault(self, method, arguments);
              }
              Object result = method.invoke(under, arguments);
              if (result instanceof Volume found) {
                return losing(Volume.class, found);
              }
              boolean loses = lost.compareAndSet(method.getName(), null);
              if (loses && method.getName().equals("sync")) {
                awaitNextConnection();
                return result;
              }
              return loses ? -Errno.ETIMEDOUT : result;
            });
    return type.cast(proxy);
  }

  /** The client has given the answer up. */
  private void awaitNextConnection() {
    long before = component.counters().get(StorageCounter.JOINS);
    await()
        .atMost(30, TimeUnit.SECONDS)
        .until(() -> component.counters().get(StorageCounter.JOINS) > before);
  }

  private BackingFile failing(int fd, boolean readOnly) {
    BackingFile under = new LinuxBackingFile(fd, readOnly, new AheadReader());
    Object proxy =
        Proxy.newProxyInstance(
            BackingFile.class.getClassLoader(),
            new Class<?>[] {BackingFile.class},
            (self, method, arguments) -> {
              Object result = method.invoke(under, arguments);
              boolean fails = method.getName().equals("sync") && syncFails.getAndSet(false);
              return fails ? -Errno.EIO : result;
            });
    return (BackingFile) proxy;
  }

  /** An operation with a result. */
  private interface Operation {
    int run();
  }

  private void assertAnswer(int expected, String method, Operation operation) {
    lost.set(method);
    assertEquals(expected, operation.run(), method);
    assertNull(lost.get(), method + " was asked for and its answer lost");
  }

  private void assertThere(String path, long id) {
    assertEquals(0, volume.lookup(path, 0, attributes), path);
    assertEquals(id, attributes.id, path);
  }

  private void assertMissing(String path) {
    assertEquals(-Errno.ENOENT, volume.lookup(path, 0, attributes), path);
  }

  @Test
  void shouldMakeOnce() {
    int exclusive = Volume.CREATE_EXCLUSIVE;
    assertAnswer(0, "create", () -> volume.create("/f", 7, exclusive, 0600, 0, 0, attributes));
    assertThere("/f", 7);
    int there = -Errno.EEXIST;
    assertAnswer(there, "create", () -> volume.create("/f", 8, exclusive, 0600, 0, 0, attributes));
    assertAnswer(0, "makeDirectory", () -> volume.makeDirectory("/d", 9, 0700, 0, 0, attributes));
    assertThere("/d", 9);
    assertAnswer(
        there, "makeDirectory", () -> volume.makeDirectory("/d", 10, 0700, 0, 0, attributes));
    assertAnswer(0, "makeSymlink", () -> volume.makeSymlink("/l", "f", 0, 0, attributes));
    assertAnswer(there, "makeSymlink", () -> volume.makeSymlink("/l", "g", 0, 0, attributes));
    assertAnswer(0, "link", () -> volume.link("/f", 7, "/h", attributes));
    assertEquals(2, attributes.links);
    assertAnswer(there, "link", () -> volume.link("/f", 7, "/d", attributes));
    assertAnswer(0, "makeVolume", () -> client.makeVolume("w", 5));
    assertAnswer(0, "removeVolume", () -> client.removeVolume("w"));
    assertEquals(-Errno.ENOENT, client.removeVolume("w"));
  }

  @Test
  void shouldRenameAndRemoveOnce() {
    for (int id = 1; id <= 3; id++) {
      assertEquals(0, volume.create("/f" + id, id, 0, 0600, 0, 0, attributes));
    }
    assertEquals(0, volume.makeSymlink("/l", "f1", 0, 0, attributes));
    long link = attributes.id;
    assertAnswer(0, "rename", () -> volume.rename("/f1", 1, "/g", 0, false));
    assertThere("/g", 1);
    int keep = Volume.RENAME_NOREPLACE;
    assertAnswer(0, "rename", () -> volume.rename("/g", 1, "/f1", keep, false));
    assertAnswer(-Errno.EEXIST, "rename", () -> volume.rename("/f1", 1, "/f2", keep, false));
    int exchange = Volume.RENAME_EXCHANGE;
    assertAnswer(0, "rename", () -> volume.rename("/f1", 1, "/f2", exchange, false));
    assertThere("/f1", 2);
    assertThere("/f2", 1);
    assertAnswer(0, "rename", () -> volume.rename("/l", link, "/f2", exchange, false));
    assertThere("/f2", link);
    assertThere("/l", 1);
    assertAnswer(0, "unlink", () -> volume.unlink("/f2", link, false));
    assertMissing("/f2");
    assertAnswer(0, "unlink", () -> volume.unlink("/l", 1, false));
    assertAnswer(-Errno.ENOENT, "unlink", () -> volume.unlink("/l", 0, false));
    assertEquals(0, volume.makeDirectory("/d", 9, 0700, 0, 0, attributes));
    assertAnswer(0, "removeDirectory", () -> volume.removeDirectory("/d", 9, false));
    assertMissing("/d");
  }

  @Test
  void shouldSetAttributesOnce() {
    assertEquals(0, volume.create("/f", 7, 0, 0600, 0, 0, attributes));
    byte[] value = {1, 2, 3};
    int create = Volume.XATTR_CREATE;
    assertAnswer(0, "setXattr", () -> volume.setXattr("/f", "user.a", value, create));
    int there = -Errno.EEXIST;
    assertAnswer(there, "setXattr", () -> volume.setXattr("/f", "user.a", new byte[2], create));
    assertEquals(there, volume.setXattr("/f", "user.a", value, create));
    int replace = Volume.XATTR_REPLACE;
    assertAnswer(0, "setXattr", () -> volume.setXattr("/f", "user.a", new byte[2], replace));
    assertEquals(2, volume.getXattr("/f", "user.a", b -> {}));
    assertAnswer(0, "removeXattr", () -> volume.removeXattr("/f", "user.a"));
    assertEquals(-Errno.ENODATA, volume.removeXattr("/f", "user.a"));
    AttributeChange longer = AttributeChange.size(5000);
    assertAnswer(0, "change", () -> volume.change("/f", 7, longer, attributes));
    assertAnswer(10, "write", () -> volume.write("/f", 7, 4995, arena.allocate(10)));
    assertEquals(0, volume.lookup("/f", 7, attributes));
    assertEquals(5005, attributes.sizeBytes);
  }

  @Test
  void shouldWriteAndSyncOnce() throws Exception {
    assertEquals(0, volume.create("/f", 7, 0, 0600, 0, 0, attributes));
    MemorySegment from = arena.allocate(10);
    assertAnswer(10, "write", () -> volume.writeSynced("/f", 7, 100, from, true));
    assertAnswer(10, "sync", () -> volume.writeSynced("/f", 7, 100, from, true));
    assertEquals(0, volume.lookup("/f", 7, attributes));
    assertEquals(110, attributes.sizeBytes);
    try (FileClient second = connect()) {
      Volume other = second.volume("v");
      assertEquals(1, other.write("/f", 7, 1, arena.allocate(1)));
      syncFails.set(true);
      assertAnswer(-Errno.EIO, "sync", () -> volume.writeSynced("/f", 7, 0, from, true));
      assertEquals(10, volume.writeSynced("/f", 7, 0, from, true));
      assertEquals(-Errno.EIO, other.writeSynced("/f", 7, 0, from, true));
      assertEquals(10, other.writeSynced("/f", 7, 0, from, true));
    }
  }

  /** The device tells a failure once, whoever asks. */
  @Test
  void shouldTellEveryClientThatASyncHasFailed() throws Exception {
    assertEquals(0, volume.create("/f", 7, 0, 0600, 0, 0, attributes));
    assertEquals(0, volume.create("/g", 8, 0, 0600, 0, 0, attributes));
    try (FileClient second = connect()) {
      Volume other = second.volume("v");
      assertEquals(1, volume.write("/f", 7, 0, arena.allocate(1)));
      assertEquals(1, other.write("/f", 7, 1, arena.allocate(1)));
      syncFails.set(true);
      assertAnswer(-Errno.EIO, "sync", () -> volume.sync("/f", 7, false));
      assertEquals(0, volume.sync("/f", 7, false));
      assertEquals(0, other.sync("/g", 8, false));
      assertAnswer(-Errno.EIO, "sync", () -> other.sync("/f", 7, true));
      assertEquals(0, other.sync("/f", 7, true));
    }
    try (FileClient third = connect()) {
      assertEquals(0, third.volume("v").sync("/f", 7, true));
    }
  }
}
