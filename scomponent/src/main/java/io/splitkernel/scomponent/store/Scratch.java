package io.splitkernel.scomponent.store;

import static io.splitkernel.scomponent.store.CheckedLayout.BLOCK;
import static io.splitkernel.scomponent.store.CheckedLayout.ENTRY;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Memory that one thread works in: a block, the entries of a group, and a longest transfer. */
final class Scratch {
  private static final MemorySegment ZEROS = Arena.global().allocate(BLOCK, BLOCK);

  private final Arena arena = Arena.ofAuto();
  final BlockSums sums = new BlockSums();
  final MemorySegment block = arena.allocate(BLOCK, BLOCK);
  final MemorySegment entries = arena.allocate(BLOCK, BLOCK);
  private MemorySegment data = MemorySegment.NULL;

  /** A block of zeros, not to be written. */
  static MemorySegment zeros() {
    return ZEROS;
  }

  /** Room for whole blocks around a transfer. */
  MemorySegment data(long lengthBytes) {
    if (data.byteSize() < lengthBytes) {
      data = arena.allocate(Math.max(Long.highestOneBit(lengthBytes) << 1, 16L * BLOCK), BLOCK);
    }
    return data.asSlice(0, lengthBytes);
  }

  int old(int i) {
    return entries.get(ValueLayout.JAVA_INT, (long) i * ENTRY);
  }

  void old(int i, int sum) {
    entries.set(ValueLayout.JAVA_INT, (long) i * ENTRY, sum);
  }

  int now(int i) {
    return entries.get(ValueLayout.JAVA_INT, (long) i * ENTRY + ENTRY / 2);
  }

  void now(int i, int sum) {
    entries.set(ValueLayout.JAVA_INT, (long) i * ENTRY + ENTRY / 2, sum);
  }
}
