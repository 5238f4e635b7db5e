package io.splitkernel.scomponent.store;

import static io.splitkernel.scomponent.store.CheckedLayout.BLOCK;
import static io.splitkernel.scomponent.store.CheckedLayout.ENTRY;

import io.splitkernel.ffi.LinuxFiles;
import io.splitkernel.protocol.files.Volume;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Memory that one thread works in: a block, the entries of a group, and a longest transfer. */
final class Scratch {
  private static final MemorySegment ZEROS = Arena.global().allocate(BLOCK, BLOCK);

  private static final long DATA_BYTES_MIN = 16L * BLOCK;
  private static final long DATA_BYTES_MAX = Volume.TRANSFER_BYTES_MAX + 2L * BLOCK;

  private final Arena arena = Arena.ofAuto();
  final BlockSums sums = new BlockSums();
  final MemorySegment block = arena.allocate(BLOCK, BLOCK);
  final MemorySegment readNow = arena.allocate(LinuxFiles.READ_NOW_BYTES, Long.BYTES);
  final MemorySegment entries = arena.allocate(BLOCK, BLOCK);
  private MemorySegment data = MemorySegment.NULL;

  /** A block of zeros, not to be written. */
  static MemorySegment zeros() {
    return ZEROS;
  }

  /** Room for whole blocks around a transfer; what was too small is freed. */
  MemorySegment data(long lengthBytes) {
    if (data.byteSize() < lengthBytes) {
      long more = Math.min(2 * data.byteSize(), DATA_BYTES_MAX);
      data = Arena.ofAuto().allocate(Math.max(lengthBytes, Math.max(more, DATA_BYTES_MIN)), BLOCK);
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
