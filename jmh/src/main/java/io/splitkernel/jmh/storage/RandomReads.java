package io.splitkernel.jmh.storage;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Reads blocks of 4 KiB at random places, a number of them at once. */
final class RandomReads {
  static final int BLOCK_BYTES = 4096;

  private final long blocks;
  private final int depth;

  /** What is read. */
  interface Source {
    /** Reads at an offset; a count or a negative error number. Any thread. */
    int read(long offset, MemorySegment into);
  }

  /**
   * @param sizeBytes of the file.
   * @param depth reads at once, a thread each.
   */
  RandomReads(long sizeBytes, int depth) {
    this.blocks = sizeBytes / BLOCK_BYTES;
    this.depth = depth;
  }

  /** Reads per second, over a time. */
  double perSecond(Source source, double seconds) throws InterruptedException {
    AtomicLong done = new AtomicLong();
    AtomicLong failed = new AtomicLong();
    long begun = System.nanoTime();
    long end = begun + (long) (seconds * 1e9);
    Thread[] threads = new Thread[depth];
    for (int i = 0; i < depth; i++) {
      long seed = begun + i;
      threads[i] = Thread.ofPlatform().start(() -> readUntil(end, source, seed, done, failed));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    double took = (System.nanoTime() - begun) / 1e9;
    if (failed.get() != 0) {
      throw new IllegalStateException("a read answered " + failed.get());
    }
    return done.get() / took;
  }

  private void readUntil(long end, Source source, long seed, AtomicLong done, AtomicLong failed) {
    SplittableRandom random = new SplittableRandom(seed);
    long count = 0;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment into = arena.allocate(BLOCK_BYTES, BLOCK_BYTES);
      while (System.nanoTime() < end && failed.get() == 0) {
        int result = source.read(random.nextLong(blocks) * BLOCK_BYTES, into);
        if (result != BLOCK_BYTES) {
          failed.set(result == 0 ? Long.MIN_VALUE : result);
          return;
        }
        count++;
      }
    }
    done.addAndGet(count);
  }
}
