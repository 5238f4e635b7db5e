package io.splitkernel.scomponent.store;

import static io.splitkernel.scomponent.store.CheckedLayout.BLOCK;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Random operations on a few names, compared with a model of a map and arrays: on a directory that
 * is closed and opened again in between, and on memory that crashes in between. jqwik tells the
 * seed of a run that fails; {@code -Dlego.seed=SEED} replays it.
 */
class StoreModelTest {
  private static final int STEPS = 120;
  private static final int FILE_BYTES_MAX = 6 * BLOCK;
  private static final List<String> NAMES = List.of("/a", "/b", "/c", "/d/a", "/d/b");

  /** A file of the model: its content, and what it was at the last sync. */
  private static final class ModelFile {
    byte[] bytes = new byte[0];
    final List<byte[]> since = new ArrayList<>();

    void set(byte[] now) {
      since.add(bytes);
      bytes = now;
    }
  }

  private final TreeMap<String, ModelFile> model = new TreeMap<>();
  private final TreeMap<String, Long> ids = new TreeMap<>();
  private final FileAttributes attributes = new FileAttributes();
  private Random random;
  private Volume volume;
  private long lastId = 1;

  @Property(tries = 60, seed = "2026112601")
  void shouldBehaveAsTheModelInADirectory(@ForAll long seed) throws IOException {
    random = new Random(Long.getLong("lego.seed", seed));
    Path root = Files.createTempDirectory("lego-store");
    DirectoryStore store = DirectoryStore.open(root, new StoreSettings(2));
    try {
      assertEquals(0, store.makeVolume("v", 0));
      begin(store.volume("v"));
      for (int i = 0; i < STEPS; i++) {
        step();
        if (random.nextInt(30) == 0) {
          store.close();
          store = DirectoryStore.open(root, new StoreSettings(2));
          volume = store.volume("v");
        }
      }
      compareAll();
    } finally {
      store.close();
      TreeRemoval.remove(root);
    }
  }

  @Property(tries = 200, seed = "2026112602")
  void shouldKeepWhatWasSyncedWhenMemoryCrashes(@ForAll long seed) {
    random = new Random(Long.getLong("lego.seed", seed));
    MemoryStore store = new MemoryStore();
    assertEquals(0, store.makeVolume("v", 0));
    begin(store.volume("v"));
    for (int i = 0; i < STEPS; i++) {
      step();
      if (random.nextInt(15) == 0) {
        boolean all = random.nextBoolean();
        if (all) {
          store.crash();
        } else {
          store.crash(random.nextLong());
        }
        adopt(all);
      }
    }
    compareAll();
  }

  private void begin(Volume fresh) {
    volume = fresh;
    model.clear(); // one object serves all tries
    ids.clear();
    assertEquals(0, volume.makeDirectory("/d", ++lastId, 0755, 0, 0, attributes));
  }

  private void step() {
    String name = NAMES.get(random.nextInt(NAMES.size()));
    String other = NAMES.get(random.nextInt(NAMES.size()));
    ModelFile file = model.get(name);
    if (file == null) {
      long id = ++lastId;
      assertEquals(0, volume.create(name, id, 0, 0644, 0, 0, attributes));
      assertEquals(id, attributes.id);
      model.put(name, new ModelFile());
      ids.put(name, id);
      return;
    }
    long id = random.nextBoolean() ? ids.get(name) : 0;
    switch (random.nextInt(10)) {
      case 0 -> {
        assertEquals(0, volume.unlink(name, id, false));
        model.remove(name);
        ids.remove(name);
      }
      case 1 -> {
        assertEquals(0, volume.rename(name, id, other, 0, false));
        if (!other.equals(name) && model.get(other) != file) {
          model.put(other, model.remove(name));
          ids.put(other, ids.remove(name));
        }
      }
      case 2 -> {
        boolean free = !model.containsKey(other);
        boolean same = model.get(other) == file;
        int expected = free || same ? 0 : -io.splitkernel.ffi.Errno.EEXIST;
        assertEquals(expected, volume.link(name, id, other, attributes));
        if (free) {
          model.put(other, file);
          ids.put(other, ids.get(name));
        }
      }
      case 3 -> {
        int size = random.nextInt(FILE_BYTES_MAX);
        assertEquals(0, volume.change(name, id, AttributeChange.size(size), attributes));
        assertEquals(size, attributes.sizeBytes);
        file.set(Arrays.copyOf(file.bytes, size));
      }
      case 4 -> {
        assertEquals(0, volume.sync(name, id, random.nextBoolean()));
        file.since.clear();
      }
      case 5 -> {
        int at = random.nextInt(FILE_BYTES_MAX);
        int length = 1 + random.nextInt(3 * BLOCK);
        int punch = Volume.ALLOCATE_KEEP_SIZE | Volume.ALLOCATE_PUNCH_HOLE;
        assertEquals(0, volume.allocate(name, id, punch, at, length));
        byte[] now = file.bytes.clone();
        int from = Math.min(at, now.length);
        Arrays.fill(now, from, Math.min(at + length, now.length), (byte) 0);
        file.set(now);
      }
      case 6 -> compare(name);
      default -> write(name, id, file);
    }
  }

  private void write(String name, long id, ModelFile file) {
    byte[] bytes = new byte[1 + random.nextInt(2 * BLOCK)];
    int at = random.nextInt(FILE_BYTES_MAX - bytes.length);
    random.nextBytes(bytes);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment from = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      assertEquals(bytes.length, volume.write(name, id, at, from));
    }
    byte[] now = Arrays.copyOf(file.bytes, Math.max(file.bytes.length, at + bytes.length));
    System.arraycopy(bytes, 0, now, at, bytes.length);
    file.set(now);
  }

  private byte[] contentOf(String name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment into = arena.allocate(2 * FILE_BYTES_MAX);
      int count = volume.read(name, ids.get(name), 0, into);
      assertTrue(count >= 0, () -> name + ": " + io.splitkernel.ffi.Errno.text(count));
      return into.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
    }
  }

  private void compare(String name) {
    assertArrayEquals(model.get(name).bytes, contentOf(name), name);
    assertEquals(0, volume.lookup(name, ids.get(name), attributes));
    assertEquals(model.get(name).bytes.length, attributes.sizeBytes);
    ModelFile file = model.get(name);
    assertEquals(model.values().stream().filter(f -> f == file).count(), attributes.links);
  }

  private void compareAll() {
    model.keySet().forEach(this::compare);
    for (String name : NAMES) {
      int expected = model.containsKey(name) ? 0 : -io.splitkernel.ffi.Errno.ENOENT;
      assertEquals(expected, volume.lookup(name, 0, attributes), name);
    }
  }

  /** After a crash each file is as synced, or after some of the changes since then. */
  private void adopt(boolean all) {
    model.forEach((name, file) -> {
      byte[] found = contentOf(name);
      byte[] synced = file.since.isEmpty() ? file.bytes : file.since.getFirst();
      if (all) {
        assertArrayEquals(synced, found, name);
      } else {
        file.since.add(file.bytes);
        assertTrue(isMadeOf(found, file.since), name + " is made of states since its sync");
      }
      file.bytes = found;
      file.since.clear();
    });
  }

  /** Each block as it was in one of the states, cut where the file ends. */
  private static boolean isMadeOf(byte[] found, List<byte[]> states) {
    for (int at = 0; at < found.length; at += BLOCK) {
      int from = at;
      int to = Math.min(at + BLOCK, found.length);
      byte[] block = Arrays.copyOfRange(found, from, to);
      boolean known = states.stream().anyMatch(s -> Arrays.equals(block, cut(s, from, to)));
      if (!known) {
        return false;
      }
    }
    return states.stream().anyMatch(s -> s.length >= found.length);
  }

  private static byte[] cut(byte[] bytes, int from, int to) {
    byte[] block = new byte[to - from];
    if (from < bytes.length) {
      System.arraycopy(bytes, from, block, 0, Math.min(to, bytes.length) - from);
    }
    return block;
  }
}
