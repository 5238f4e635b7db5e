package io.splitkernel.ci.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.Volume;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;

/**
 * Random operations on blocks, and what may be found in them when what was not synced can be lost:
 * for each block what it had at the last sync that succeeded, or anything that was written since.
 * One thread.
 */
final class BlockModel {
  private static final int RUN_MAX = 6;

  private final Random random;
  private final Volume volume;
  private final Arena arena = Arena.ofAuto();
  private final MemorySegment buffer = arena.allocate((long) RUN_MAX * Volume.BLOCK_BYTES);
  private final BlockHistory history = new BlockHistory();
  private final boolean[] written = new boolean[BlockHistory.FILES];
  private long nextNumber = 1;
  private int told;

  BlockModel(Volume volume, Random random) {
    this.volume = volume;
    this.random = random;
    BlockHistory.create(volume);
  }

  /** One operation. */
  void step() {
    int file = random.nextInt(BlockHistory.FILES);
    switch (random.nextInt(8)) {
      case 0 -> sync(file);
      case 1, 2 -> history.look(volume, file, false);
      default -> write(file);
    }
  }

  private void write(int file) {
    int count = 1 + random.nextInt(RUN_MAX);
    int first = random.nextInt(BlockHistory.BLOCKS - count + 1);
    history.mayHave(file, first, count, nextNumber);
    written[file] = true;
    int result = BlockHistory.write(volume, buffer, file, first, count, nextNumber);
    assertEquals(count * Volume.BLOCK_BYTES, result, () -> "write: " + Errno.text(result));
    nextNumber += count;
  }

  private void sync(int file) {
    int result = volume.sync(BlockHistory.path(file), BlockHistory.id(file), random.nextBoolean());
    if (result == 0) {
      history.has(file, 0, BlockHistory.BLOCKS);
      written[file] = false;
      return;
    }
    assertEquals(-Errno.EIO, result);
    assertTrue(written[file], "nothing was written since the last sync, so nothing can be lost");
    told++;
    history.look(volume, file, true);
  }

  /** After a crash. */
  void lookAtAll() {
    history.lookAtAll(volume);
  }

  /** Blocks that went back to what they had been before. */
  int lost() {
    return history.lost();
  }

  /** Syncs that told of a loss. */
  int told() {
    return told;
  }
}
