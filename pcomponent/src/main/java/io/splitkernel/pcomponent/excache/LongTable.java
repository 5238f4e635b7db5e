package io.splitkernel.pcomponent.excache;

import io.splitkernel.ffi.RawMemory;

/** A growable off-heap array of longs, zero at first. One thread. */
final class LongTable implements AutoCloseable {
  private long base;
  private long capacity;

  LongTable(long capacity) {
    this.capacity = capacity;
    base = RawMemory.map(capacity * 8);
  }

  long get(long i) {
    assert i >= 0 && i < capacity : i;
    return RawMemory.getLong(base + (i << 3));
  }

  void set(long i, long value) {
    assert i >= 0 && i < capacity : i;
    RawMemory.putLong(base + (i << 3), value);
  }

  long bytes() {
    return capacity * 8;
  }

  void growTo(long newCapacity) {
    long bigger = RawMemory.map(newCapacity * 8);
    RawMemory.copy(base, bigger, capacity * 8);
    RawMemory.unmap(base, capacity * 8);
    base = bigger;
    capacity = newCapacity;
  }

  @Override
  public void close() {
    RawMemory.unmap(base, capacity * 8);
    base = 0;
    capacity = 0;
  }
}
