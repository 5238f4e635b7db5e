package io.splitkernel.ci.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.shm.ShmConfig;
import io.splitkernel.fabric.shm.ShmFabric;
import io.splitkernel.mcomponent.files.FileCacheConfig;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.client.FileClient;
import io.splitkernel.scomponent.store.DirectoryStore;
import io.splitkernel.scomponent.volume.MountSettings;
import io.splitkernel.scomponent.volume.VolumeMount;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Large directories, and more files than may be open, at a server with little memory. */
@Timeout(180)
final class ManyFilesTest {
  private static final int ENTRIES = 100_000;
  private static final int LINKS = 30_000;
  private static final int FILES = 4_000;
  private static final int OPEN_FILES = 64;

  /** Of the server, each may have a file open that is not counted as kept. */
  private static final int WORKERS = 24;

  /** The lock, and two of the volume. */
  private static final int STORE_DESCRIPTORS = 3;

  private static final int READERS = 4;
  private static final Path MEMORY = Path.of("/dev/shm");
  private static final String LARGE = "/large";

  @TempDir private Path disk;
  private Path memory;
  private Path root;
  private Fabric fabric;

  @BeforeEach
  void start() throws Exception {
    root = quickDirectory();
    fabric = ShmFabric.open(ShmConfig.defaults());
  }

  /** In memory where that keeps extended attributes (Linux 6.6): disks make files slowly. */
  private Path quickDirectory() throws IOException {
    if (!Files.isWritable(MEMORY)) {
      return disk;
    }
    memory = Files.createTempDirectory(MEMORY, "lego-many-");
    try {
      Files.setAttribute(memory, "user:lego.probe", new byte[1]);
      return memory;
    } catch (FileSystemException | UnsupportedOperationException e) {
      return disk;
    }
  }

  @AfterEach
  void stop() throws IOException {
    fabric.close();
    if (memory != null) {
      try (Stream<Path> all = Files.walk(memory)) {
        for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
    }
  }

  /** Names of a few empty files, which the store keeps as what they are: quicker than files. */
  private static void makeLargeDirectory(Path tree, int entries) throws Exception {
    Path large = Files.createDirectory(tree.resolve(LARGE.substring(1)));
    Path file = null;
    for (int i = 0; i < entries; i++) {
      Path entry = large.resolve("entry-" + i);
      if (i % LINKS == 0) {
        file = Files.createFile(entry);
      } else {
        Files.createLink(entry, file);
      }
    }
  }

  /** Lists, and makes and removes an entry of another name after each page. */
  private static void shouldListEachOnce(Volume volume, int entries) {
    BitSet found = new BitSet(entries);
    long[] cookie = {0};
    int pages = 0;
    int count;
    do {
      count =
          volume.readDirectory(
              LARGE,
              cookie[0],
              (name, _, _, next) -> {
                cookie[0] = next;
                if (name.startsWith("entry-")) {
                  int number = Integer.parseInt(name.substring("entry-".length()));
                  assertTrue(!found.get(number), () -> name + " came twice");
                  found.set(number);
                }
                return true;
              });
      assertTrue(count >= 0);
      FileAttributes out = new FileAttributes();
      String other = LARGE + "/other-" + pages;
      assertEquals(0, volume.create(other, pages + 5_000_000L, 0, 0600, 0, 0, out));
      if (pages % 2 == 0) {
        assertEquals(0, volume.unlink(other, pages + 5_000_000L, false));
      }
      pages++;
    } while (count > 0);
    assertEquals(entries, found.cardinality());
    assertTrue(pages > entries / 1000, "a page holds " + entries / pages + " entries");
  }

  @Test
  void shouldListALargeDirectoryInPages() throws Exception {
    try (SmallServer server = SmallServer.start(root, 2, OPEN_FILES);
        FileClient client = server.connect(fabric)) {
      makeLargeDirectory(
          root.resolve("volumes").resolve(SmallServer.VOLUME).resolve("tree"), ENTRIES);
      Volume volume = client.volume(SmallServer.VOLUME);
      shouldListEachOnce(volume, ENTRIES);
      listMounted(volume);
      assertTrue(server.peakBytes() < server.boundBytes());
    }
  }

  private void listMounted(Volume volume) throws Exception {
    if (!Files.isWritable(Path.of("/dev/fuse"))) {
      return;
    }
    Path point = Files.createDirectory(root.resolve("mount"));
    try (VolumeMount _ = VolumeMount.mount(volume, MountSettings.of(point, "large"));
        Stream<Path> names = Files.list(point.resolve(LARGE.substring(1)))) {
      BitSet found = new BitSet(ENTRIES);
      names
          .map(p -> p.getFileName().toString())
          .filter(n -> n.startsWith("entry-"))
          .map(n -> Integer.parseInt(n.substring("entry-".length())))
          .forEach(number -> {
            assertTrue(!found.get(number), () -> number + " came twice");
            found.set(number);
          });
      assertEquals(ENTRIES, found.cardinality());
    }
  }

  @Test
  void shouldListALargeDirectoryByWayOfACache() throws Exception {
    int entries = 3_000;
    try (FileCluster cluster = new FileCluster(disk)) {
      cluster.makeVolume(0);
      cluster.startMemory(FileCacheConfig.of(32L << 20).withCache(FileCluster.LAZY));
      makeLargeDirectory(
          disk.resolve("volumes").resolve(FileCluster.NAME.volume()).resolve("tree"), entries);
      shouldListEachOnce(cluster.volume(), entries);
    }
  }

  private static String path(int number) {
    return "/" + number % 100 + "/" + number;
  }

  private void makeFiles() throws Exception {
    try (DirectoryStore store = DirectoryStore.open(root);
        Arena arena = Arena.ofConfined()) {
      assertEquals(0, store.makeVolume(SmallServer.VOLUME, 0));
      Volume volume = store.volume(SmallServer.VOLUME);
      FileAttributes out = new FileAttributes();
      for (int i = 0; i < 100; i++) {
        assertEquals(0, volume.makeDirectory("/" + i, i + 1_000_000L, 0755, 0, 0, out));
      }
      MemorySegment content = arena.allocate(Integer.BYTES);
      for (int i = 0; i < FILES; i++) {
        assertEquals(0, volume.create(path(i), i + 10L, 0, 0600, 0, 0, out));
        content.set(ValueLayout.JAVA_INT, 0, i);
        assertEquals(Integer.BYTES, volume.write(path(i), i + 10L, 0, content));
      }
    }
  }

  @Test
  void shouldKeepFewOfManyFilesOpen() throws Exception {
    makeFiles();
    List<Future<Long>> reading = new ArrayList<>();
    try (SmallServer server = SmallServer.start(root, READERS, OPEN_FILES);
        ExecutorService threads = Executors.newFixedThreadPool(READERS)) {
      for (int i = 0; i < READERS; i++) {
        int first = i;
        reading.add(threads.submit(() -> read(server, first)));
      }
      long most = 0;
      for (Future<Long> each : reading) {
        most = Math.max(most, each.get(60, TimeUnit.SECONDS));
      }
      long found = most;
      assertTrue(found > OPEN_FILES / 2, "looked at nothing");
      assertTrue(
          found <= OPEN_FILES + WORKERS + STORE_DESCRIPTORS, () -> found + " descriptors of files");
    }
  }

  /** Reads a share of the files; the most descriptors that the server was seen to have. */
  private long read(SmallServer server, int first) throws Exception {
    long most = 0;
    try (FileClient client = server.connect(fabric);
        Arena arena = Arena.ofConfined()) {
      Volume volume = client.volume(SmallServer.VOLUME);
      MemorySegment into = arena.allocate(Integer.BYTES);
      for (int i = first; i < FILES; i += READERS) {
        assertEquals(Integer.BYTES, volume.read(path(i), i + 10L, 0, into));
        assertEquals(i, into.get(ValueLayout.JAVA_INT, 0));
        if (i / READERS % 100 == 0) {
          most = Math.max(most, server.descriptorsBelow(root));
        }
      }
    }
    return most;
  }
}
