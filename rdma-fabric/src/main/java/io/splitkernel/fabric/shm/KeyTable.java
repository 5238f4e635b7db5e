package io.splitkernel.fabric.shm;

import io.splitkernel.ffi.RawMemory;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * A fabric's keys, and where its memories are mapped in this process. The owner and each peer have
 * one each over the same shared slots. {@link #resolve} is data path.
 */
final class KeyTable {
  static final int SLOTS_MAX = 1 << 20;
  static final int MEMORIES_MAX = 1 << 12;

  /** The key gives no right to this access. */
  static final long DENIED = -1;

  /** The access is right, but the memory is not mapped here yet. */
  static final long UNMAPPED = -2;

  private final long slots;
  private final int slotCount;
  private final AtomicIntegerArray mappedIds;
  private final long[] bases;
  private final long[] lengths;

  /**
   * @param slots address of the first slot.
   * @param slotCount how many there are.
   * @param memories how many memories the fabric can have.
   */
  KeyTable(long slots, int slotCount, int memories) {
    this.slots = slots;
    this.slotCount = slotCount;
    this.mappedIds = new AtomicIntegerArray(memories);
    this.bases = new long[memories];
    this.lengths = new long[memories];
  }

  static int slotOf(int key) {
    return key & (SLOTS_MAX - 1);
  }

  static int memoryIndexOf(int memoryId) {
    return memoryId & (MEMORIES_MAX - 1);
  }

  long slotAddress(int slot) {
    return slots + ((long) slot << TableLayout.SLOT_SHIFT);
  }

  /**
   * Data path. Checks an access by key; the caller has announced its operation before, so that what
   * is found stays valid until it ends.
   *
   * @return the address in this process, or {@link #DENIED} or {@link #UNMAPPED}.
   */
  long resolve(int key, int domain, int access, long address, long lengthBytes) {
    int index = slotOf(key);
    if (key == 0 || index >= slotCount) {
      return DENIED;
    }
    long slot = slotAddress(index);
    if (RawMemory.getIntAcquire(slot + TableLayout.KEY) != key
        || RawMemory.getInt(slot + TableLayout.DOMAIN) != domain
        || (RawMemory.getInt(slot + TableLayout.ACCESS) & access) != access) {
      return DENIED;
    }
    long within = address - RawMemory.getLong(slot + TableLayout.IOVA);
    if (within < 0 || within > RawMemory.getLong(slot + TableLayout.LENGTH) - lengthBytes) {
      return DENIED;
    }
    int memoryId = RawMemory.getInt(slot + TableLayout.MEMORY);
    int memory = memoryIndexOf(memoryId);
    if (memory >= bases.length) {
      return DENIED;
    }
    if (mappedIds.getAcquire(memory) != memoryId) {
      return UNMAPPED;
    }
    long offset = RawMemory.getLong(slot + TableLayout.OFFSET) + within;
    if (offset < 0 || offset > lengths[memory] - lengthBytes) {
      return DENIED;
    }
    return bases[memory] + offset;
  }

  /** Memory that a key lies in; meaningful while the caller's operation is announced. */
  int memoryOf(int key) {
    return RawMemory.getInt(slotAddress(slotOf(key)) + TableLayout.MEMORY);
  }

  boolean isMapped(int memoryId) {
    return mappedIds.getAcquire(memoryIndexOf(memoryId)) == memoryId;
  }

  /** Makes a memory known. */
  void map(int memoryId, long base, long lengthBytes) {
    int index = memoryIndexOf(memoryId);
    bases[index] = base;
    lengths[index] = lengthBytes;
    mappedIds.setRelease(index, memoryId);
  }

  /** Makes a memory unknown; running operations may still use it. */
  void unmap(int memoryId) {
    mappedIds.set(memoryIndexOf(memoryId), 0);
  }

  int memories() {
    return bases.length;
  }

  int mappedIdAt(int index) {
    return mappedIds.get(index);
  }

  long baseAt(int index) {
    return bases[index];
  }

  long lengthAt(int index) {
    return lengths[index];
  }
}
