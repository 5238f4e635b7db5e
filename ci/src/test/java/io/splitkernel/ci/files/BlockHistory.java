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

/**
 * Files of whole blocks, each filled with one number that is never used again, and the numbers that
 * may be found in them. One thread.
 */
final class BlockHistory {
  static final int FILES = 4;
  static final int BLOCKS = 24;
  private static final int BLOCK = Volume.BLOCK_BYTES;

  private final Arena arena = Arena.ofAuto();
  private final MemorySegment buffer = arena.allocate((long) BLOCKS * BLOCK);
  private final List<List<List<Long>>> possible = new ArrayList<>();
  private int lost;

  /** Of files that {@link #create} has made: all zero. */
  BlockHistory() {
    for (int file = 0; file < FILES; file++) {
      List<List<Long>> blocks = new ArrayList<>();
      for (int block = 0; block < BLOCKS; block++) {
        blocks.add(new ArrayList<>(List.of(0L)));
      }
      possible.add(blocks);
    }
  }

  static String path(int file) {
    return "/" + file;
  }

  static long id(int file) {
    return 1_000L + file;
  }

  /** Makes the files, synced. */
  static void create(Volume volume) {
    FileAttributes out = new FileAttributes();
    for (int file = 0; file < FILES; file++) {
      assertEquals(0, volume.create(path(file), id(file), 0, 0644, 0, 0, out));
      AttributeChange size = AttributeChange.size((long) BLOCKS * BLOCK);
      assertEquals(0, volume.change(path(file), id(file), size, out));
      assertEquals(0, volume.sync(path(file), id(file), false));
    }
  }

  /** Writes numbers from {@code number} on, one a block. */
  static int write(
      Volume volume, MemorySegment buffer, int file, int first, int count, long number) {
    for (int i = 0; i < count; i++) {
      for (long at = 0; at < BLOCK; at += Long.BYTES) {
        buffer.set(ValueLayout.JAVA_LONG, (long) i * BLOCK + at, number + i);
      }
    }
    MemorySegment from = buffer.asSlice(0, (long) count * BLOCK);
    return volume.write(path(file), id(file), (long) first * BLOCK, from);
  }

  /** A write of ascending numbers begins: from now on its blocks may have them. */
  void mayHave(int file, int first, int count, long number) {
    for (int i = 0; i < count; i++) {
      possible.get(file).get(first + i).add(number + i);
    }
  }

  /** The last write to each of these blocks can not be undone any more. */
  void has(int file, int first, int count) {
    for (List<Long> block : possible.get(file).subList(first, first + count)) {
      block.subList(0, block.size() - 1).clear();
    }
  }

  /**
   * Compares what is there.
   *
   * @param settled whether what is not found now must never be found again.
   */
  void look(Volume volume, int file, boolean settled) {
    int result = volume.read(path(file), id(file), 0, buffer);
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

  /** After a crash: what is not found now is lost for good; what is found may not be synced yet. */
  void lookAtAll(Volume volume) {
    for (int file = 0; file < FILES; file++) {
      look(volume, file, true);
    }
  }

  /** Blocks that went back to what they had been before. */
  int lost() {
    return lost;
  }
}
