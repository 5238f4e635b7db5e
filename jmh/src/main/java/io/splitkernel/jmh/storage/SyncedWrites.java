package io.splitkernel.jmh.storage;

import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.IntSupplier;
import org.HdrHistogram.Histogram;

/**
 * One write of 4 KiB and the sync after it: of a store in this process, of one over the fabric. One
 * thread.
 */
final class SyncedWrites {
  private static final int BLOCK_BYTES = 4096;
  private static final int BLOCKS = 256;
  private static final long ID = 0x5eed_f11eL;
  private static final int DIGITS = 3;

  private final Histogram localNs = new Histogram(DIGITS);
  private final Histogram remoteNs = new Histogram(DIGITS);
  private final Histogram callNs = new Histogram(DIGITS);

  /**
   * Measures both and the time of one call that carries as much, in turns.
   *
   * @param local store of this process.
   * @param remote volume of a storage component.
   * @param count turns.
   */
  void run(Volume local, Volume remote, int count) {
    String path = "/synced";
    FileAttributes attributes = new FileAttributes();
    require(local.create(path, ID, 0, 0600, 0, 0, attributes));
    require(remote.create(path, ID, 0, 0600, 0, 0, attributes));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment block = arena.allocate(BLOCK_BYTES, BLOCK_BYTES).fill((byte) 7);
      for (int i = -BLOCKS; i < count; i++) {
        long offset = (long) Math.floorMod(i, BLOCKS) * BLOCK_BYTES;
        block.set(ValueLayout.JAVA_INT, 0, i);
        record(i, localNs, () -> writeAndSync(local, path, offset, block));
        record(i, remoteNs, () -> writeAndSync(remote, path, offset, block));
        record(i, callNs, () -> remote.lookup(path, ID, attributes));
      }
    }
    require(local.unlink(path, ID, false));
    require(remote.unlink(path, ID, false));
  }

  private static int writeAndSync(Volume volume, String path, long offset, MemorySegment block) {
    int written = volume.writeSynced(path, ID, offset, block, true);
    return written == BLOCK_BYTES ? 0 : Math.min(written, -1);
  }

  private static void record(int turn, Histogram into, IntSupplier work) {
    long begun = System.nanoTime();
    int result = work.getAsInt();
    long took = System.nanoTime() - begun;
    require(result);
    if (turn >= 0) {
      into.recordValue(took);
    }
  }

  private static void require(int result) {
    if (result < 0) {
      throw new IllegalStateException("an operation answered " + result);
    }
  }

  double localUs() {
    return median(localNs);
  }

  double remoteUs() {
    return median(remoteNs);
  }

  double callUs() {
    return median(callNs);
  }

  private static double median(Histogram histogram) {
    return histogram.getValueAtPercentile(50) / 1e3;
  }
}
