package io.splitkernel.mcomponent.filecache;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;

/** A cache over a faulty volume, and short words for what tests do with volumes. */
final class CacheRig implements AutoCloseable {
  /** Nothing is written back by itself, unless half of the memory is dirty. */
  static final FileCacheSettings QUIET =
      new FileCacheSettings(
          64,
          1 << 20,
          50,
          50,
          3_600_000_000_000L,
          1_000_000L,
          16L << 20,
          1_000_000_000L,
          30_000_000_000L,
          4);

  final FaultyUpstream upstream;
  final AtomicBoolean held = new AtomicBoolean(true);
  final CachedVolume cache;
  private final Arena arena = Arena.ofShared();

  CacheRig(FileCacheSettings settings) {
    this(settings, new FaultyUpstream());
  }

  CacheRig(FileCacheSettings settings, FaultyUpstream upstream) {
    this.upstream = upstream;
    MemorySegment memory = arena.allocate(CachedVolume.memoryBytesMin(settings), 4096);
    cache = CachedVolume.open(upstream, held::get, memory, settings);
  }

  /** Has the cache trust its upstream, so that writes stay in memory. */
  CacheRig warm() {
    create(cache, "/warm", 99);
    assertEquals(1, write(cache, "/warm", 0, new byte[1]));
    return this;
  }

  static void create(Volume volume, String path, long id) {
    assertEquals(0, volume.create(path, id, 0, 0644, 0, 0, new FileAttributes()));
  }

  static byte[] random(long seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  static int write(Volume volume, String path, long offset, byte[] bytes) {
    return write(volume, path, 0, offset, bytes);
  }

  static int write(Volume volume, String path, long id, long offset, byte[] bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment from = arena.allocate(Math.max(1, bytes.length)).asSlice(0, bytes.length);
      MemorySegment.copy(MemorySegment.ofArray(bytes), 0, from, 0, bytes.length);
      return volume.write(path, id, offset, from);
    }
  }

  /** The bytes, or a shorter or empty array at the end; the result of a failed read as message. */
  static byte[] read(Volume volume, String path, long id, long offset, int length) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment into = arena.allocate(Math.max(1, length)).asSlice(0, length);
      int count = volume.read(path, id, offset, into);
      if (count < 0) {
        return Errno.text(count).getBytes(java.nio.charset.StandardCharsets.UTF_8);
      }
      return into.asSlice(0, count).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }
  }

  static long size(Volume volume, String path) {
    FileAttributes out = new FileAttributes();
    int result = volume.lookup(path, 0, out);
    return result < 0 ? result : out.sizeBytes;
  }

  /** The component dies: nothing is written back. */
  void die() {
    cache.lose();
    cache.close();
  }

  @Override
  public void close() {
    cache.close();
    arena.close();
  }
}
