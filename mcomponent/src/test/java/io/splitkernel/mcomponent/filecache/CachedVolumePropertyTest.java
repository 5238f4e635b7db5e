package io.splitkernel.mcomponent.filecache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Random histories, beside a volume that neither caches nor fails. jqwik tells the seed of one that
 * fails; {@code -Dlego.seed=SEED} replays it.
 */
class CachedVolumePropertyTest {
  private static final int STEPS = 250;
  private static final int FILE_BYTES_MAX = 1_500_000;
  private static final String[] PATHS = {
    "/a", "/b", "/c", "/d/a", "/d/b", "/e/a", "/e/b", "/d/x/a", "/d", "/e", "/d/x"
  };

  private FaultyUpstream model;
  private long nextId = 1000;

  /** Versions of each file since it was last synced, the synced one first. */
  private final Map<FaultyUpstream.Node, List<int[]>> versions = new HashMap<>();

  @Property(tries = 75)
  void shouldAnswerAsAVolumeWithoutCache(@ForAll long seed) {
    Random random = new Random(Long.getLong("lego.seed", seed));
    FileCacheSettings settings =
        random.nextBoolean()
            ? CacheRig.QUIET
            : CacheRig.QUIET.withWriteBack(random.nextInt(3) * 1_000_000L, 1000);
    try (CacheRig rig = new CacheRig(settings)) {
      prepare(rig);
      for (int i = 0; i < STEPS; i++) {
        step(rig.cache, random, i);
      }
      compareAll(rig.cache);
      assertTrue(rig.cache.finish());
      model.tree.forEach(
          (path, node) -> assertArrayEquals(node.bytes, rig.upstream.content(path), path));
    }
  }

  @Property(tries = 75)
  void shouldKeepWhatWasSyncedWhenTheComponentDies(@ForAll long seed) {
    Random random = new Random(Long.getLong("lego.seed", seed));
    try (CacheRig rig = new CacheRig(CacheRig.QUIET.withWriteBack(1_000_000L, 1000))) {
      prepare(rig);
      for (int i = 0; i < STEPS; i++) {
        String changed = step(rig.cache, random, i);
        if (changed != null) {
          // Lengths are upstream at once, bytes are not: a mixture is allowed until a sync.
          sync(rig.cache, changed, 0);
        }
        remember();
      }
      rig.die();
      checkVersions(rig.upstream);
      // And the store after it.
      rig.upstream.crash(random);
      checkVersions(rig.upstream);
    }
  }

  @Property(tries = 75)
  void shouldMakeGoodWhatUpstreamLostBeforeItWasSynced(@ForAll long seed) {
    Random random = new Random(Long.getLong("lego.seed", seed));
    try (CacheRig rig = new CacheRig(CacheRig.QUIET.withWriteBack(1_000_000L, 1000))) {
      prepare(rig);
      for (int i = 0; i < STEPS; i++) {
        if (random.nextInt(20) == 0) {
          rig.upstream.crash(random);
          rig.cache.upstreamRestarted();
        }
        String path = PATHS[random.nextInt(8)];
        if (model.tree.containsKey(path) || random.nextInt(4) == 0) {
          create(rig.cache, path);
          write(rig.cache, path, 0, random);
          if (random.nextInt(4) == 0) {
            syncAndCompare(rig, path);
          }
        }
      }
    }
  }

  @Property(tries = 75)
  void shouldLoseNothingWhileUpstreamFailsNowAndThen(@ForAll long seed) {
    long replayed = Long.getLong("lego.seed", seed);
    Random random = new Random(replayed);
    Random faults = new Random(~replayed);
    try (CacheRig rig = new CacheRig(CacheRig.QUIET.withWriteBack(1_000_000L, 1_000_000L))) {
      prepare(rig);
      rig.upstream.fault =
          operation -> {
            synchronized (faults) {
              return faults.nextInt(8) != 0
                  ? 0
                  : faults.nextBoolean() ? -Errno.EIO : -Errno.ETIMEDOUT;
            }
          };
      for (int i = 0; i < STEPS; i++) {
        failingStep(rig.cache, random);
      }
      rig.upstream.fault = operation -> 0;
      model.tree.forEach((path, node) -> {
        if (!isDirectory(node)) {
          // The first one may tell an error that was kept.
          rig.cache.sync(path, 0, false);
          assertEquals(0, rig.cache.sync(path, 0, false));
          assertArrayEquals(node.bytes, rig.upstream.syncedContent(path), path);
          assertArrayEquals(node.bytes, readAll(rig.cache, path), path);
        }
      });
      assertEquals(model.tree.keySet(), rig.upstream.tree.keySet());
      assertEquals(0, rig.cache.dirtyBytes());
    }
  }

  /** What the cache answered with success has happened, anything else has not. */
  private void failingStep(CachedVolume cache, Random random) {
    String path = PATHS[random.nextInt(8)];
    String other = PATHS[random.nextInt(8)];
    FileAttributes out = new FileAttributes();
    boolean isThere = model.tree.containsKey(path);
    switch (random.nextInt(10)) {
      case 0, 1 -> {
        long newId = nextId++;
        if (cache.create(path, newId, 0, 0644, 0, 0, out) == 0) {
          model.create(path, newId, 0, 0644, 0, 0, out);
        }
      }
      case 2, 3, 4, 5 -> {
        byte[] bytes = CacheRig.random(random.nextLong(), random.nextInt(50_000));
        long offset = random.nextInt(FILE_BYTES_MAX / 4);
        int count = CacheRig.write(cache, path, 0, offset, bytes);
        if (count > 0) {
          assertEquals(count, CacheRig.write(model, path, offset, Arrays.copyOf(bytes, count)));
        }
      }
      case 6 -> {
        AttributeChange change = AttributeChange.size(random.nextInt(FILE_BYTES_MAX / 4));
        if (cache.change(path, 0, change, out) == 0) {
          model.change(path, 0, change, out);
        }
      }
      case 7 -> {
        if (isThere && cache.unlink(path, 0, false) == 0) {
          model.unlink(path, 0, false);
        }
      }
      case 8 -> {
        if (isThere && cache.rename(path, 0, other, 0, false) == 0) {
          model.rename(path, 0, other, 0, false);
        }
      }
      default -> cache.sync(path, 0, false);
    }
  }

  private void syncAndCompare(CacheRig rig, String path) {
    int result = rig.cache.sync(path, 0, false);
    if (result != 0) {
      assertEquals(-Errno.EIO, result);
      // Something is lost, and was told: from here on the file is what there is of it.
      model.tree.get(path).bytes = readAll(rig.cache, path);
      assertEquals(0, rig.cache.sync(path, 0, false));
    }
    assertArrayEquals(model.content(path), rig.upstream.syncedContent(path), path);
    assertArrayEquals(model.content(path), readAll(rig.cache, path), path);
  }

  private static byte[] readAll(CachedVolume cache, String path) {
    byte[] all = new byte[(int) CacheRig.size(cache, path)];
    for (int at = 0; at < all.length; at += 1 << 20) {
      byte[] part = CacheRig.read(cache, path, 0, at, 1 << 20);
      System.arraycopy(part, 0, all, at, part.length);
    }
    return all;
  }

  private void prepare(CacheRig rig) {
    model = new FaultyUpstream();
    versions.clear();
    nextId = 1000;
    for (Volume volume : List.of(rig.cache, model)) {
      for (String directory : List.of("/d", "/e", "/d/x")) {
        volume.makeDirectory(directory, -directory.hashCode(), 0755, 0, 0, new FileAttributes());
      }
    }
  }

  /** Returns the path of a file whose length or holes were changed, or null. */
  private String step(CachedVolume cache, Random random, int number) {
    String path = PATHS[random.nextInt(PATHS.length)];
    String other = PATHS[random.nextInt(PATHS.length)];
    FaultyUpstream.Node node = model.tree.get(path);
    long id = node != null && random.nextBoolean() ? node.id : 0;
    int op = random.nextInt(16);
    switch (op) {
      case 0, 1 -> create(cache, path);
      case 2, 3, 4, 5 -> write(cache, path, id, random);
      case 6, 7, 8 -> read(cache, path, id, random);
      case 9 -> resize(cache, path, id, random);
      case 10 -> allocate(cache, path, id, random);
      case 11 -> {
        if (node != null && !isDirectory(node)) {
          assertEquals(model.unlink(path, id, false), cache.unlink(path, id, false));
        }
      }
      case 12, 13 -> rename(cache, path, id, other, random);
      case 14 -> {
        if (node != null && !isDirectory(node) && hasParent(other)) {
          FileAttributes out = new FileAttributes();
          assertEquals(model.link(path, id, other, out), cache.link(path, id, other, out));
        }
      }
      default -> sync(cache, path, id);
    }
    assertEquals(CacheRig.size(model, path), CacheRig.size(cache, path), path + " at " + number);
    return op == 9 || op == 10 ? path : null;
  }

  private void create(CachedVolume cache, String path) {
    long newId = nextId++;
    int flags = newId % 5 == 0 ? Volume.CREATE_TRUNCATE : 0;
    FileAttributes out = new FileAttributes();
    assertEquals(
        model.create(path, newId, flags, 0644, 0, 0, out),
        cache.create(path, newId, flags, 0644, 0, 0, out));
  }

  private void write(CachedVolume cache, String path, long id, Random random) {
    int most = random.nextInt(4) == 0 ? 300_000 : 9000;
    byte[] bytes = new byte[random.nextInt(most)];
    random.nextBytes(bytes);
    long offset = random.nextInt(random.nextInt(3) == 0 ? FILE_BYTES_MAX : 50_000);
    assertEquals(
        CacheRig.write(model, path, id, offset, bytes),
        CacheRig.write(cache, path, id, offset, bytes),
        path);
  }

  private void read(CachedVolume cache, String path, long id, Random random) {
    int length = random.nextInt(random.nextInt(4) == 0 ? 1 << 20 : 20_000);
    long offset = random.nextInt(random.nextInt(3) == 0 ? FILE_BYTES_MAX : 50_000);
    assertArrayEquals(
        CacheRig.read(model, path, id, offset, length),
        CacheRig.read(cache, path, id, offset, length),
        path);
  }

  private void resize(CachedVolume cache, String path, long id, Random random) {
    AttributeChange change = AttributeChange.size(random.nextInt(FILE_BYTES_MAX / 4));
    FileAttributes expected = new FileAttributes();
    FileAttributes out = new FileAttributes();
    assertEquals(model.change(path, id, change, expected), cache.change(path, id, change, out));
    assertEquals(expected.sizeBytes, out.sizeBytes);
  }

  private void allocate(CachedVolume cache, String path, long id, Random random) {
    FaultyUpstream.Node node = model.tree.get(path);
    if (node != null && isDirectory(node)) {
      return;
    }
    int flags = random.nextInt(3) == 0 ? random.nextInt(2) : 3;
    long offset = random.nextInt(100_000);
    long length = 1L + random.nextInt(100_000);
    assertEquals(
        model.allocate(path, id, flags, offset, length),
        cache.allocate(path, id, flags, offset, length));
  }

  private void rename(CachedVolume cache, String path, long id, String other, Random random) {
    FaultyUpstream.Node there = model.tree.get(other);
    boolean nested = other.startsWith(path + "/") || path.startsWith(other + "/");
    if (nested || !hasParent(other) || (there != null && isDirectory(there))) {
      return;
    }
    int flags = random.nextInt(3);
    boolean retry = random.nextInt(10) == 0 && id != 0;
    assertEquals(
        model.rename(path, id, other, flags, retry), cache.rename(path, id, other, flags, retry));
  }

  private void sync(CachedVolume cache, String path, long id) {
    FaultyUpstream.Node node = model.tree.get(path);
    if (node != null && !isDirectory(node)) {
      assertEquals(0, cache.sync(path, id, id == 0));
      versions.put(node, new ArrayList<>(List.of(blocks(node.bytes))));
    }
  }

  private void remember() {
    for (FaultyUpstream.Node node : model.tree.values()) {
      List<int[]> known = versions.computeIfAbsent(node, n -> new ArrayList<>());
      if (known.isEmpty()) {
        known.add(new int[0]);
      }
      int[] now = blocks(node.bytes);
      if (!Arrays.equals(known.getLast(), now)) {
        known.add(now);
      }
    }
  }

  /** Every block is as in one of the versions. */
  private void checkVersions(FaultyUpstream upstream) {
    model.tree.forEach((path, node) -> {
      int[] found = blocks(upstream.content(path));
      List<int[]> known = versions.get(node);
      for (int i = 0; i < Math.max(found.length, known.get(0).length); i++) {
        int block = i;
        assertTrue(
            known.stream().anyMatch(version -> at(version, block) == at(found, block)),
            path + " block " + i + " of " + found.length + ", versions " + known.size());
      }
    });
  }

  /** A hash of each block, 0 for zeros. */
  private static int[] blocks(byte[] bytes) {
    int[] hashes = new int[(bytes.length + Volume.BLOCK_BYTES - 1) / Volume.BLOCK_BYTES];
    for (int i = 0; i < hashes.length; i++) {
      int at = i * Volume.BLOCK_BYTES;
      int hash = 0;
      for (int j = at; j < Math.min(bytes.length, at + Volume.BLOCK_BYTES); j++) {
        hash += (bytes[j] & 0xff) * (j - at + 7) * 0x9E3779B1;
      }
      hashes[i] = hash;
    }
    return hashes;
  }

  private static int at(int[] hashes, int block) {
    return block < hashes.length ? hashes[block] : 0;
  }

  private void compareAll(CachedVolume cache) {
    model.tree.forEach((path, node) -> {
      if (!isDirectory(node)) {
        assertArrayEquals(node.bytes, readAll(cache, path), path);
      }
    });
  }

  private static boolean isDirectory(FaultyUpstream.Node node) {
    return (node.mode & FileAttributes.TYPE_MASK) == FileAttributes.DIRECTORY;
  }

  private boolean hasParent(String path) {
    FaultyUpstream.Node parent = model.tree.get(parent(path));
    return parent != null && isDirectory(parent);
  }

  private static String parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash == 0 ? "/" : path.substring(0, slash);
  }
}
