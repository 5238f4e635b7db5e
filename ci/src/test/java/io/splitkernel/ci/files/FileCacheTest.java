package io.splitkernel.ci.files;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.Errno;
import io.splitkernel.mcomponent.MemoryCounter;
import io.splitkernel.mcomponent.files.FileCacheConfig;
import io.splitkernel.mcomponent.node.MemoryComponent;
import io.splitkernel.protocol.cluster.VolumePlace;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who has a volume, and what becomes of its bytes when that changes. */
@Timeout(120)
class FileCacheTest {
  private static final FileCacheConfig LAZY =
      FileCacheConfig.of(32L << 20).withCache(FileCluster.LAZY);

  @TempDir Path root;
  private final Arena arena = Arena.ofShared();
  private FileCluster cluster;

  @BeforeEach
  void start() throws Exception {
    cluster = new FileCluster(root.resolve("store"));
    cluster.makeVolume(0);
  }

  @AfterEach
  void stop() {
    cluster.close();
    arena.close();
  }

  private static byte[] bytes(long seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static long create(Volume volume, String path, long id) {
    FileAttributes out = new FileAttributes();
    assertEquals(0, volume.create(path, id, 0, 0644, 0, 0, out), path);
    return out.id;
  }

  private void write(Volume volume, String path, long id, byte[] content) {
    MemorySegment from = arena.allocate(content.length);
    MemorySegment.copy(content, 0, from, ValueLayout.JAVA_BYTE, 0, content.length);
    assertEquals(content.length, volume.write(path, id, 0, from), path);
  }

  private byte[] read(Volume volume, String path, int length) {
    MemorySegment into = arena.allocate(length);
    int count = volume.read(path, 0, 0, into);
    assertTrue(count >= 0, () -> path + ": " + Errno.text(count));
    return into.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
  }

  /** The first write of a volume goes through, to see that there is room. */
  private Volume warm() throws Exception {
    Volume volume = cluster.volume();
    long id = create(volume, "/warm", 99);
    write(volume, "/warm", id, bytes(1, 10));
    assertEquals(0, volume.sync("/warm", id, true));
    return volume;
  }

  private static long dirty(MemoryComponent component) {
    return component.counters().get(MemoryCounter.FILE_CACHE_DIRTY);
  }

  /** What the storage component itself has. */
  private Volume beneath() throws Exception {
    long epoch = cluster.place(0, 0).epoch();
    return cluster.direct().volume("v", epoch);
  }

  @Test
  void shouldAnswerReadsFromTheMemoryComponent() throws Exception {
    MemoryComponent memory = cluster.startMemory(LAZY).component();
    Volume volume = warm();
    long id = create(volume, "/f", 1000);
    byte[] content = bytes(5, 300_000);
    write(volume, "/f", id, content);
    assertArrayEquals(content, read(volume, "/f", content.length));
    assertTrue(memory.counters().get(MemoryCounter.FILE_CACHE_HITS) > 0);
    assertEquals(1, memory.counters().get(MemoryCounter.FILE_CACHE_VOLUMES));
    assertTrue(dirty(memory) >= content.length, () -> "dirty " + dirty(memory));
    assertEquals(0, read(beneath(), "/f", content.length).length);
    assertEquals(0, volume.sync("/f", id, true));
    assertArrayEquals(content, read(beneath(), "/f", content.length));
    int refused = cluster.direct().volume("v").lookup("/f", 0, new FileAttributes());
    assertEquals(-Errno.ESTALE, refused);
  }

  @Test
  void shouldShowTwoClientsEachOthersWritesAtOnce() throws Exception {
    cluster.startMemory(LAZY);
    Volume one = warm();
    Volume two = cluster.volume();
    long id = create(one, "/f", 1000);
    for (int i = 0; i < 50; i++) {
      byte[] content = bytes(i, 10_000);
      write(i % 2 == 0 ? one : two, "/f", id, content);
      assertArrayEquals(content, read(i % 2 == 0 ? two : one, "/f", content.length));
    }
  }

  @Test
  void shouldKeepWhatWasSyncedAndTellOfTheRestWhenTheOwnerIsKilled() throws Exception {
    int files = 20;
    int length = 40_000;
    long epoch;
    Volume volume;
    try (ChildComponent owner = ChildComponent.memory(cluster.monitor.address())) {
      volume = warm();
      assertEquals(owner.nodeId, cluster.place(0, 0).nodeId());
      epoch = cluster.place(0, 0).epoch();
      cluster.startMemory(LAZY);
      for (int i = 0; i < files; i++) {
        create(volume, "/f" + i, 1000 + i);
        write(volume, "/f" + i, 1000 + i, bytes(i, length));
        if (i % 2 == 0) {
          assertEquals(0, volume.sync("/f" + i, 1000 + i, true));
        }
      }
      assertArrayEquals(bytes(1, length), read(volume, "/f1", length));
    }
    for (int i = 0; i < files; i++) {
      boolean synced = i % 2 == 0;
      assertEquals(synced ? 0 : -Errno.EIO, volume.sync("/f" + i, 1000 + i, true), "file " + i);
      byte[] expected = synced ? bytes(i, length) : new byte[0];
      assertArrayEquals(expected, read(volume, "/f" + i, length), "file " + i);
      assertEquals(0, volume.sync("/f" + i, 1000 + i, true));
    }
    assertEquals(epoch + 1, cluster.place(0, 0).epoch());
  }

  @Test
  void shouldRefuseTheLateWriteBackOfAnEarlierOwner() throws Exception {
    MemoryComponent memory = cluster.startMemory(LAZY).component();
    Volume volume = warm();
    long id = create(volume, "/f", 1000);
    write(volume, "/f", id, bytes(1, 20_000));
    assertTrue(dirty(memory) > 0);
    long epoch = cluster.place(0, 0).epoch();
    Volume next = cluster.direct().volume("v", epoch + 1);
    byte[] newer = bytes(2, 15_000);
    write(next, "/f", id, newer);
    assertEquals(-Errno.EIO, volume.sync("/f", id, true));
    assertEquals(0, dirty(memory));
    assertArrayEquals(newer, read(next, "/f", 20_000));
    // The client hears of the higher epoch and gets the volume under one above it.
    assertArrayEquals(newer, read(volume, "/f", 20_000));
    assertEquals(epoch + 2, cluster.place(0, 0).epoch());
    assertEquals(-Errno.ESTALE, next.lookup("/f", 0, new FileAttributes()));
  }

  @Test
  void shouldLoseNothingWhenTheStorageComponentLosesWhatWasNotSynced() throws Exception {
    FileCacheConfig eager =
        FileCacheConfig.of(32L << 20)
            .withCache(FileCluster.LAZY.withWriteBack(1_000_000L, 1_000_000L));
    MemoryComponent memory = cluster.startMemory(eager).component();
    Volume volume = warm();
    long id = create(volume, "/f", 1000);
    assertEquals(0, volume.sync("/f", id, true));
    Path snapshot = root.resolve("snapshot");
    run("cp", "-a", root.resolve("store").toString(), snapshot.toString());
    byte[] content = bytes(7, 500_000);
    write(volume, "/f", id, content);
    await().atMost(Duration.ofSeconds(30)).until(() -> dirty(memory) == 0);
    cluster.stopStorage();
    run("rm", "-r", root.resolve("store").toString());
    run("mv", snapshot.toString(), root.resolve("store").toString());
    cluster.reboot();
    cluster.startStorage();
    assertArrayEquals(content, read(volume, "/f", content.length));
    assertEquals(0, volume.sync("/f", id, true));
    assertArrayEquals(content, read(beneath(), "/f", content.length));
  }

  private static void run(String... line) throws Exception {
    assertEquals(0, new ProcessBuilder(line).inheritIO().start().waitFor());
  }

  @Test
  void shouldHaveOneEntryWhenManyAskAtOnce() throws Exception {
    cluster.startMemory(LAZY);
    cluster.startMemory(LAZY);
    long first = cluster.place(0, 0).epoch();
    for (long refused : new long[] {0, first + 5, first + 5, first + 40}) {
      Set<VolumePlace> places = ConcurrentHashMap.newKeySet();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        threads.add(
            Thread.ofPlatform()
                .start(() -> {
                  try {
                    places.add(cluster.place(0, refused));
                  } catch (Exception e) {
                    throw new IllegalStateException(e);
                  }
                }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertEquals(1, places.size(), places::toString);
      assertTrue(places.iterator().next().epoch() >= refused);
    }
  }

  @Test
  void shouldGiveVolumesUpWithEverythingWrittenWhenTheOwnerLeaves() throws Exception {
    FileCluster.Memory owner = cluster.startMemory(LAZY);
    Volume volume = warm();
    FileCluster.Memory next = cluster.startMemory(LAZY);
    byte[] content = bytes(3, 200_000);
    long id = create(volume, "/f", 1000);
    write(volume, "/f", id, content);
    assertTrue(dirty(owner.component()) > 0);
    owner.component().close();
    assertEquals(0, volume.sync("/f", id, true));
    assertArrayEquals(content, read(volume, "/f", content.length));
    assertEquals(next.component().nodeId(), cluster.place(0, 0).nodeId());
  }

  @Test
  void shouldUseTheStorageComponentWhileNobodyCaches() throws Exception {
    cluster.startMemory(FileCacheConfig.NONE);
    Volume volume = warm();
    assertEquals(0, cluster.place(0, 0).nodeId());
    long id = create(volume, "/f", 1000);
    byte[] content = bytes(3, 20_000);
    write(volume, "/f", id, content);
    MemoryComponent memory = cluster.startMemory(LAZY).component();
    Volume later = cluster.volume();
    assertArrayEquals(content, read(later, "/f", content.length));
    assertEquals(memory.nodeId(), cluster.place(0, 0).nodeId());
    byte[] newer = bytes(4, 20_000);
    write(later, "/f", id, newer);
    assertArrayEquals(newer, read(volume, "/f", content.length));
    assertEquals(0, volume.sync("/f", id, true));
  }

  @Test
  void shouldGoOnWithAHigherEpochUnderANewMonitor() throws Exception {
    FileCluster.Memory memory = cluster.startMemory(LAZY);
    Volume volume = warm();
    byte[] content = bytes(3, 20_000);
    long id = create(volume, "/f", 1000);
    write(volume, "/f", id, content);
    long epoch = cluster.place(0, 0).epoch();
    memory.component().close();
    cluster.stopStorage();
    cluster.stopMonitor();
    cluster.startMonitor();
    cluster.startStorage();
    cluster.startMemory(LAZY);
    Volume later = cluster.volume();
    assertArrayEquals(content, read(later, "/f", content.length));
    assertTrue(cluster.place(0, 0).epoch() > epoch);
  }

  @Test
  void shouldGetAboveTheEpochThatTheStorageComponentKnows() throws Exception {
    cluster.startMemory(LAZY);
    long far = cluster.place(0, 0).epoch() + 1_000_000;
    assertEquals(0, cluster.direct().volume("v", far).lookup("/", 0, new FileAttributes()));
    Volume volume = warm();
    assertEquals(10, read(volume, "/warm", 10).length);
    assertEquals(far + 1, cluster.place(0, 0).epoch());
    cluster.stopStorage();
    cluster.startStorage();
    int refused = cluster.direct().volume("v", far).lookup("/", 0, new FileAttributes());
    assertEquals(-Errno.ESTALE, refused);
    assertEquals(10, read(volume, "/warm", 10).length);
  }
}
