package io.splitkernel.ci.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Files of whole blocks, each filled with a number that is never used again, and what may be found
 * in them when what was not synced can be lost: for each block what it had at the last sync that
 * succeeded, or anything that was written since. One thread.
 */
final class BlockModel {
  private static final int FILES = 4;
  private static final int BLOCKS = 24;
  private static final int RUN_MAX = 6;
  private static final int BLOCK = Volume.BLOCK_BYTES;

  private final Random random;
  private final Volume volume;
  private final Arena arena = Arena.ofAuto();
  private final MemorySegment buffer = arena.allocate((long) BLOCKS * BLOCK);
  private final List<List<List<Long>>> possible = new ArrayList<>();
  private final boolean[] written = new boolean[FILES];
  private long lastNumber;
  private int lost;
  private int told;

  BlockModel(Volume volume, Random random) {
    this.volume = volume;
    this.random = random;
    FileAttributes out = new FileAttributes();
    for (int file = 0; file < FILES; file++) {
      assertEquals(0, volume.create("/" + file, id(file), 0, 0644, 0, 0, out));
      AttributeChange size = AttributeChange.size((long) BLOCKS * BLOCK);
      assertEquals(0, volume.change("/" + file, id(file), size, out));
      assertEquals(0, volume.sync("/" + file, id(file), false));
      List<List<Long>> blocks = new ArrayList<>();
      for (int block = 0; block < BLOCKS; block++) {
        blocks.add(new ArrayList<>(List.of(0L)));
      }
      possible.add(blocks);
    }
  }

  private static long id(int file) {
    return 1_000L + file;
  }

  /** One operation. */
  void step() {
    int file = random.nextInt(FILES);
    switch (random.nextInt(8)) {
      case 0 -> sync(file);
      case 1, 2 -> look(file, false);
      default -> write(file);
    }
  }

  private void write(int file) {
    int count = 1 + random.nextInt(RUN_MAX);
    int first = random.nextInt(BLOCKS - count + 1);
    for (int i = 0; i < count; i++) {
      long number = ++lastNumber;
      possible.get(file).get(first + i).add(number);
      for (long at = 0; at < BLOCK; at += Long.BYTES) {
        buffer.set(ValueLayout.JAVA_LONG, (long) i * BLOCK + at, number);
      }
    }
    written[file] = true;
    MemorySegment from = buffer.asSlice(0, (long) count * BLOCK);
    int result = volume.write("/" + file, id(file), (long) first * BLOCK, from);
    assertEquals(count * BLOCK, result, () -> "write: " + Errno.text(result));
  }

  private void sync(int file) {
    int result = volume.sync("/" + file, id(file), random.nextBoolean());
    if (result == 0) {
      for (List<Long> block : possible.get(file)) {
        block.subList(0, block.size() - 1).clear();
      }
      written[file] = false;
      return;
    }
    assertEquals(-Errno.EIO, result);
    assertTrue(written[file], "nothing was written since the last sync, so nothing can be lost");
    told++;
    look(file, true);
  }

  /** After a crash: what is not found now is lost for good; what is found may not be synced yet. */
  void lookAtAll() {
    for (int file = 0; file < FILES; file++) {
      look(file, true);
    }
  }

  private void look(int file, boolean settled) {
    int result = volume.read("/" + file, id(file), 0, buffer);
    assertEquals(BLOCKS * BLOCK, result, () -> "read: " + Errno.text(result));
    for (int block = 0; block < BLOCKS; block++) {
      long number = buffer.get(ValueLayout.JAVA_LONG, (long) block * BLOCK);
      for (long at = 0; at < BLOCK; at += Long.BYTES) {
        long there = buffer.get(ValueLayout.JAVA_LONG, (long) block * BLOCK + at);
        assertEquals(number, there, "file " + file + " block " + block + " is torn at " + at);
      }
      List<Long> numbers = possible.get(file).get(block);
      assertTrue(
          numbers.contains(number),
          "file " + file + " block " + block + " has " + number + ", not one of " + numbers);
      if (settled) {
        lost += numbers.getLast() == number ? 0 : 1;
        numbers.subList(numbers.lastIndexOf(number) + 1, numbers.size()).clear();
      }
    }
  }

  /** Blocks that went back to what they had been before. */
  int lost() {
    return lost;
  }

  /** Syncs that told of a loss. */
  int told() {
    return told;
  }
}
