package io.splitkernel.mcomponent.filecache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.FileAttributes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class CachedVolumeConcurrencyTest {
  private static final int RECORD = 10_000;
  private static final int RECORDS = 30;
  private static final int FILES = 12;
  private static final int ROUNDS = 1500;

  /** Each record holds one number, again and again: a read never sees two writes mixed. */
  @Test
  void shouldNeverMixOrLoseConcurrentWrites() throws InterruptedException {
    FileCacheSettings settings = CacheRig.QUIET.withWriteBack(500_000L, 1_000_000L);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    try (CacheRig rig = new CacheRig(settings).warm()) {
      for (int i = 0; i < FILES; i++) {
        CacheRig.create(rig.cache, "/f" + i, 100 + i);
      }
      // Last numbers: each writer has its own records.
      int[][][] last = new int[2][FILES][RECORDS];
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        int writer = i;
        threads.add(guarded(failure, () -> writeAll(rig, writer, last[writer])));
      }
      for (int i = 0; i < 2; i++) {
        int seed = i;
        threads.add(guarded(failure, () -> readAll(rig, seed)));
      }
      threads.add(guarded(failure, () -> disturb(rig)));
      for (Thread thread : threads) {
        thread.start();
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertNull(failure.get(), () -> "" + failure.get());
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment buffer = arena.allocate(RECORD, 4);
        for (int file = 0; file < FILES; file++) {
          assertEquals(0, rig.cache.sync("/f" + file, 0, false));
          for (int record = 0; record < RECORDS; record++) {
            int expected = last[record % 2][file][record];
            assertEquals(
                expected, number(rig.cache.read("/f" + file, 0, at(record), buffer), buffer));
            int upstream = number(rig.upstream.read("/f" + file, 0, at(record), buffer), buffer);
            assertEquals(expected, upstream);
          }
        }
      }
    }
  }

  private static Thread guarded(AtomicReference<Throwable> failure, Runnable work) {
    return new Thread(() -> {
      try {
        work.run();
      } catch (RuntimeException | Error e) {
        failure.compareAndSet(null, e);
      }
    });
  }

  private static long at(int record) {
    return (long) record * RECORD;
  }

  private static int number(int count, MemorySegment buffer) {
    if (count < RECORD) {
      assertTrue(count >= 0, "" + count);
      return 0;
    }
    int first = buffer.get(ValueLayout.JAVA_INT, 0);
    for (int i = 4; i < RECORD; i += 4) {
      assertEquals(first, buffer.get(ValueLayout.JAVA_INT, i));
    }
    return first;
  }

  private static void writeAll(CacheRig rig, int writer, int[][] last) {
    Random random = new Random(writer);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(RECORD, 4);
      for (int i = 1; i <= ROUNDS; i++) {
        int file = random.nextInt(FILES);
        int record = random.nextInt(RECORDS / 2) * 2 + writer;
        for (int j = 0; j < RECORD; j += 4) {
          buffer.set(ValueLayout.JAVA_INT, j, i);
        }
        long id = i % 2 == 0 ? 0 : 100 + file;
        assertEquals(RECORD, rig.cache.write("/f" + file, id, at(record), buffer));
        last[file][record] = i;
        if (i % 50 == 0) {
          assertEquals(0, rig.cache.sync("/f" + file, 0, i % 100 == 0));
        }
      }
    }
  }

  private static void readAll(CacheRig rig, int seed) {
    Random random = new Random(seed);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(RECORD, 4);
      for (int i = 0; i < ROUNDS * 2; i++) {
        int file = random.nextInt(FILES);
        long offset = at(random.nextInt(RECORDS));
        number(rig.cache.read("/f" + file, 100 + file, offset, buffer), buffer);
      }
    }
  }

  /** Others come and go, so that memory and table are short, and names change. */
  private static void disturb(CacheRig rig) {
    FileAttributes out = new FileAttributes();
    for (int i = 0; i < 300; i++) {
      String path = "/other" + i % 80;
      CacheRig.create(rig.cache, path, 10_000 + i);
      CacheRig.write(rig.cache, path, 0, new byte[100_000]);
      rig.cache.change(path, 0, AttributeChange.size(50), out);
      assertEquals(0, rig.cache.rename(path, 0, "/moved", 0, false));
      assertEquals(50, CacheRig.size(rig.cache, "/moved"));
      if (i % 3 == 0) {
        assertEquals(0, rig.cache.unlink("/moved", 0, false));
      }
    }
  }

  @Test
  void shouldNotAllocateForACachedRead() {
    try (CacheRig rig = new CacheRig(CacheRig.QUIET).warm();
        Arena arena = Arena.ofConfined()) {
      CacheRig.create(rig.cache, "/a", 5);
      CacheRig.write(rig.cache, "/a", 0, new byte[1 << 20]);
      MemorySegment buffer = arena.allocate(4096, 4096);
      long least = Long.MAX_VALUE;
      long leastNs = Long.MAX_VALUE;
      for (int round = 0; round < 20; round++) {
        long before = allocated();
        long beforeNs = System.nanoTime();
        for (int i = 0; i < 10_000; i++) {
          long id = (i & 1) == 0 ? 5 : 0;
          if (rig.cache.read("/a", id, (i & 255) << 12, buffer) != 4096) {
            throw new AssertionError("a short read");
          }
        }
        leastNs = Math.min(leastNs, (System.nanoTime() - beforeNs) / 10_000);
        least = Math.min(least, allocated() - before);
      }
      System.out.println("a cached read of 4 KiB takes " + leastNs + " ns");
      assertTrue(least < 10_000, "bytes allocated by 10,000 reads: " + least);
    }
  }

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }
}
