package io.splitkernel.fabric.shm;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;

/** Where things lie in a fabric's table: queue words, then key slots. */
final class TableLayout {
  /** One key: what a region is, for whoever holds its key. */
  private static final StructLayout SLOT =
      MemoryLayout.structLayout(
          JAVA_INT.withName("key"),
          JAVA_INT.withName("access"),
          JAVA_INT.withName("domain"),
          JAVA_INT.withName("memory"),
          JAVA_LONG.withName("iova"),
          JAVA_LONG.withName("length"),
          JAVA_LONG.withName("offset"),
          JAVA_INT.withName("lastKey"),
          MemoryLayout.paddingLayout(20));

  /** The key while the slot is valid, else 0. */
  static final long KEY = SLOT.byteOffset(groupElement("key"));

  static final long ACCESS = SLOT.byteOffset(groupElement("access"));
  static final long DOMAIN = SLOT.byteOffset(groupElement("domain"));
  static final long MEMORY = SLOT.byteOffset(groupElement("memory"));
  static final long IOVA = SLOT.byteOffset(groupElement("iova"));
  static final long LENGTH = SLOT.byteOffset(groupElement("length"));
  static final long OFFSET = SLOT.byteOffset(groupElement("offset"));

  /** The key that the slot had last, for the next generation. */
  static final long LAST_KEY = SLOT.byteOffset(groupElement("lastKey"));

  static final int SLOT_SHIFT = 6;

  /** Bytes between the words of two completion queues: a cache line. */
  static final int QUEUE_BYTES = 64;

  private TableLayout() {}

  /** Offset of the word that is 1 while the queue's owner sleeps. */
  static long queueWord(int queue) {
    return (long) queue * QUEUE_BYTES;
  }

  static long slots(int queues) {
    return (long) queues * QUEUE_BYTES;
  }

  static long bytes(int queues, int slots) {
    long end = slots(queues) + ((long) slots << SLOT_SHIFT);
    return (end + 4095) & -4096;
  }

  static {
    assert SLOT.byteSize() == 1L << SLOT_SHIFT : "a key slot is one cache line";
  }
}
