package io.splitkernel.scomponent.store;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.providers.FabricProviders;
import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeProvider;
import io.splitkernel.protocol.files.client.FileClient;
import io.splitkernel.protocol.files.client.FileClientConfig;
import io.splitkernel.protocol.files.client.RemoteVolume;
import io.splitkernel.protocol.files.client.TransferBuffer;
import io.splitkernel.scomponent.node.StorageComponent;
import io.splitkernel.scomponent.node.StorageComponentConfig;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract over the fabric, and what happens when the component goes away. */
class RemoteVolumeTest extends VolumeContract {
  private static final Secret SECRET = Secret.of("a secret of the tests");
  private static final FabricAddress ANYWHERE = new FabricAddress("127.0.0.1", 0);

  @TempDir Path root;
  private Fabric serverFabric;
  private Fabric clientFabric;
  private DirectoryStore store;
  private StorageComponent component;
  private FileClient client;
  private volatile FabricAddress address;
  private final AtomicInteger boots = new AtomicInteger();

  /** A store that says that it was on another machine, when it is told to. */
  private VolumeProvider withVerifier() {
    DirectoryStore under = store;
    int boot = boots.get();
    return new VolumeProvider() {
      @Override
      public Volume volume(String name) {
        return under.volume(name);
      }

      @Override
      public int makeVolume(String name, long quotaBytes) {
        return under.makeVolume(name, quotaBytes);
      }

      @Override
      public int removeVolume(String name) {
        return under.removeVolume(name);
      }

      @Override
      public long verifier() {
        return boot;
      }

      @Override
      public List<String> names() {
        return under.names();
      }
    };
  }

  @BeforeEach
  void start() throws Exception {
    clientFabric = FabricProviders.open("shm");
    startServer();
    client = connect(FileClientConfig.DEFAULT);
    assertEquals(0, client.makeVolume("v", QUOTA));
  }

  private FileClient connect(FileClientConfig config) throws FabricException {
    NodeIdentity self = new NodeIdentity(0, NodeRole.CONTROL, "test");
    return FileClient.connect(clientFabric, () -> address, SECRET, self, config);
  }

  private void startServer() throws FabricException, IOException {
    serverFabric = FabricProviders.open("shm");
    store = DirectoryStore.open(root);
    component =
        StorageComponent.start(
            serverFabric, withVerifier(), StorageComponentConfig.of("s", ANYWHERE, null, SECRET));
    address = component.address();
  }

  private void stopServer() {
    component.close();
    store.close();
    serverFabric.close();
  }

  @AfterEach
  void stop() {
    client.close();
    clientFabric.close();
    stopServer();
  }

  @Override
  protected Volume volume() {
    return client.volume("v");
  }

  @Test
  void shouldMoveLargePiecesAtOnce() {
    create("/f");
    byte[] content = bytes(1 << 20, 1);
    assertEquals(1 << 20, write("/f", 12_345, content));
    assertArrayEquals(content, read("/f", 12_345, 1 << 20));
    MemorySegment tooMuch = arena.allocate((1 << 20) + 1);
    assertEquals(-Errno.EINVAL, volume().read("/f", 0, 0, tooMuch));
  }

  @Test
  void shouldMoveBytesOfItsOwnBuffers() {
    create("/f");
    RemoteVolume v = client.volume("v");
    try (TransferBuffer lease = v.lease()) {
      MemorySegment buffer = lease.segment();
      for (int length : new int[] {0, 1, 4096, 70_000, 1 << 20}) {
        byte[] content = bytes(length, length);
        MemorySegment part = buffer.asSlice(0, length);
        MemorySegment.copy(content, 0, part, ValueLayout.JAVA_BYTE, 0, length);
        assertEquals(length, v.write("/f", 0, 3, part));
        buffer.fill((byte) 0);
        assertEquals(length, v.read("/f", 0, 3, part));
        assertArrayEquals(content, part.toArray(ValueLayout.JAVA_BYTE));
        assertArrayEquals(content, read("/f", 3, length));
      }
    }
  }

  @Test
  void shouldLendEachBufferOnce() throws Exception {
    int slots = 3;
    try (FileClient mine = connect(new FileClientConfig(slots, 2_000_000_000L, 0))) {
      for (int round = 0; round < 2; round++) {
        List<TransferBuffer> lent = new ArrayList<>();
        for (int i = 0; i < slots; i++) {
          lent.add(mine.volume("v").lease());
        }
        assertEquals(slots, lent.stream().map(b -> b.segment().address()).distinct().count());
        lent.forEach(TransferBuffer::close);
        lent.forEach(TransferBuffer::close); // twice gives back once
      }
      for (int i = 0; i < slots; i++) {
        assertNotNull(mine.volume("v").lease());
      }
      assertNull(mine.volume("v").lease());
    }
  }

  @Test
  void shouldListVolumesAndMissThoseThatAreNotThere() {
    assertEquals(0, client.makeVolume("w", 0));
    List<String> names = new ArrayList<>();
    assertEquals(2, client.listVolumes(names));
    assertEquals(List.of("v", "w"), names);
    assertEquals(-Errno.ENXIO, client.volume("x").lookup("/", 0, attributes));
    assertEquals(0, client.removeVolume("w"));
  }

  @Test
  void shouldGoOnWhenTheServerIsStartedAgain() throws Exception {
    long id = create("/f");
    AtomicBoolean stop = new AtomicBoolean();
    List<String> failures = new ArrayList<>();
    Thread writer =
        Thread.ofPlatform()
            .start(() -> {
              for (int i = 0; !stop.get(); i++) {
                byte[] content = bytes(100_000, i);
                int offset = i % 10 * 100_000;
                int result = volume().write("/f", id, offset, segment(content));
                byte[] found = read("/f", offset, content.length);
                int create =
                    volume().create("/g" + i, i + 1000L, 0x80, 0600, 0, 0, new FileAttributes());
                int unlink = volume().unlink("/g" + i, i + 1000L, false);
                if (result != content.length
                    || create != 0
                    || unlink != 0
                    || !java.util.Arrays.equals(content, found)) {
                  failures.add(i + ": " + result + " " + create + " " + unlink);
                }
              }
            });
    for (int i = 0; i < 5; i++) {
      stopServer();
      startServer();
      long before = component.address().port();
      assertTrue(before > 0);
      assertEquals(0, volume().lookup("/f", id, attributes));
    }
    stop.set(true);
    writer.join(30_000);
    assertEquals(List.of(), failures);
    assertEquals(0, volume().sync("/f", id, true));
  }

  @Test
  void shouldFailTheNextSyncWhenUnsyncedWritesMayBeLost() throws Exception {
    long f = create("/f");
    long g = create("/g");
    assertEquals(1, volume().write("/f", f, 0, segment(new byte[1])));
    assertEquals(1, volume().write("/g", g, 0, segment(new byte[1])));
    assertEquals(0, volume().sync("/g", g, true));
    stopServer();
    boots.incrementAndGet();
    startServer();
    assertEquals(0, volume().sync("/g", g, true));
    assertEquals(-Errno.EIO, volume().sync("/f", f, true));
    assertEquals(0, volume().sync("/f", f, true));
  }

  @Test
  void shouldVouchForAllThatAWriteHasSynced() throws Exception {
    long f = create("/f");
    long g = create("/g");
    assertEquals(1, volume().write("/f", f, 0, segment(new byte[1])));
    assertEquals(1, volume().writeSynced("/f", f, 1, segment(new byte[1]), true));
    assertEquals(1, volume().write("/g", g, 0, segment(new byte[1])));
    stopServer();
    boots.incrementAndGet();
    startServer();
    assertEquals(0, volume().sync("/f", f, true));
    assertEquals(-Errno.EIO, volume().writeSynced("/g", g, 1, segment(new byte[1]), true));
    assertEquals(1, volume().writeSynced("/g", g, 1, segment(new byte[1]), true));
    assertEquals(0, volume().sync("/g", g, true));
  }

  @Test
  void shouldEndWithEioWhenTheServerStaysAway() throws Exception {
    try (FileClient impatient = connect(new FileClientConfig(1, 30_000_000_000L, 200_000_000L))) {
      assertEquals(0, impatient.volume("v").lookup("/", 0, attributes));
      stopServer();
      assertEquals(-Errno.EIO, impatient.volume("v").lookup("/", 0, attributes));
      assertThrows(FabricException.class, () -> connect(FileClientConfig.DEFAULT));
      startServer();
      await()
          .atMost(Duration.ofSeconds(30)) // it may take longer than such a client waits
          .until(() -> impatient.volume("v").lookup("/", 0, attributes) == 0);
    }
  }
}
