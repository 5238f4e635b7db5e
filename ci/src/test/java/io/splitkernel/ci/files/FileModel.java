package io.splitkernel.ci.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Random operations on a few names of a volume, and what must come out of them. One thread. */
final class FileModel {
  private static final int BLOCK = Volume.BLOCK_BYTES;
  private static final int FILE_BYTES_MAX = 24 * BLOCK;
  private static final List<String> NAMES = List.of("/a", "/b", "/c", "/d/a", "/d/b");

  /** A file; several names can have it. */
  private static final class ModelFile {
    final long id;
    byte[] bytes = new byte[0];

    ModelFile(long id) {
      this.id = id;
    }
  }

  private final Random random;
  private final Arena arena = Arena.ofAuto();
  private final MemorySegment buffer = arena.allocate(2L * FILE_BYTES_MAX);
  private final Map<String, ModelFile> files = new TreeMap<>();
  private final FileAttributes attributes = new FileAttributes();
  private Volume volume;
  private long lastId = 1;

  FileModel(Volume volume, Random random) {
    this.volume = volume;
    this.random = random;
    assertEquals(0, volume.makeDirectory("/d", ++lastId, 0755, 0, 0, attributes));
  }

  /** Goes on with another client's volume. */
  void use(Volume other) {
    volume = other;
  }

  /** One operation, of which nothing may fail. */
  void step() {
    String name = NAMES.get(random.nextInt(NAMES.size()));
    String other = NAMES.get(random.nextInt(NAMES.size()));
    ModelFile file = files.get(name);
    if (file == null) {
      long id = ++lastId;
      assertEquals(0, volume.create(name, id, 0, 0644, 0, 0, attributes), name);
      assertEquals(id, attributes.id, name);
      files.put(name, new ModelFile(id));
      return;
    }
    switch (random.nextInt(16)) {
      case 0 -> {
        assertEquals(0, volume.unlink(name, file.id, false), name);
        files.remove(name);
      }
      case 1 -> rename(name, other, file);
      case 2 -> link(name, other, file);
      case 3 -> {
        int size = random.nextInt(FILE_BYTES_MAX);
        assertEquals(0, volume.change(name, file.id, AttributeChange.size(size), attributes));
        assertEquals(size, attributes.sizeBytes, name);
        file.bytes = Arrays.copyOf(file.bytes, size);
      }
      case 4 -> {
        int at = random.nextInt(FILE_BYTES_MAX);
        int length = 1 + random.nextInt(8 * BLOCK);
        int punch = Volume.ALLOCATE_KEEP_SIZE | Volume.ALLOCATE_PUNCH_HOLE;
        assertEquals(0, volume.allocate(name, file.id, punch, at, length), name);
        int end = Math.min(at + length, file.bytes.length);
        Arrays.fill(file.bytes, Math.min(at, end), end, (byte) 0);
      }
      case 5 -> assertEquals(0, volume.sync(name, file.id, random.nextBoolean()), name);
      case 6, 7, 8 -> compare(name, file);
      default -> write(name, file);
    }
  }

  private void rename(String name, String other, ModelFile file) {
    assertEquals(0, volume.rename(name, file.id, other, 0, false), name + " to " + other);
    if (!other.equals(name) && files.get(other) != file) {
      files.put(other, files.remove(name));
    }
  }

  private void link(String name, String other, ModelFile file) {
    boolean free = !files.containsKey(other);
    int expected = free || files.get(other) == file ? 0 : -Errno.EEXIST;
    assertEquals(expected, volume.link(name, file.id, other, attributes), name + " as " + other);
    if (free) {
      files.put(other, file);
    }
  }

  private void write(String name, ModelFile file) {
    byte[] bytes = new byte[1 + random.nextInt(6 * BLOCK)];
    int at = random.nextInt(FILE_BYTES_MAX - bytes.length);
    random.nextBytes(bytes);
    MemorySegment.copy(bytes, 0, buffer, ValueLayout.JAVA_BYTE, 0, bytes.length);
    int count = volume.write(name, file.id, at, buffer.asSlice(0, bytes.length));
    assertEquals(bytes.length, count, name);
    file.bytes = Arrays.copyOf(file.bytes, Math.max(file.bytes.length, at + bytes.length));
    System.arraycopy(bytes, 0, file.bytes, at, bytes.length);
  }

  private void compare(String name, ModelFile file) {
    int count = volume.read(name, file.id, 0, buffer);
    assertTrue(count >= 0, () -> name + ": " + Errno.text(count));
    byte[] found = buffer.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
    assertArrayEquals(file.bytes, found, name);
    assertEquals(0, volume.lookup(name, file.id, attributes), name);
    assertEquals(file.bytes.length, attributes.sizeBytes, name);
    long links = files.values().stream().filter(f -> f == file).count();
    assertEquals(links, attributes.links, name);
  }

  /** Every name that there may be, and every byte. */
  void compareAll() {
    files.forEach(this::compare);
    for (String name : NAMES) {
      int expected = files.containsKey(name) ? 0 : -Errno.ENOENT;
      assertEquals(expected, volume.lookup(name, 0, attributes), name);
    }
  }
}
