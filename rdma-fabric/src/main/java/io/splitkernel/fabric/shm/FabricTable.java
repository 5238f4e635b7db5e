package io.splitkernel.fabric.shm;

import io.splitkernel.fabric.FabricException;
import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.MemFd;
import io.splitkernel.ffi.MemoryMap;
import io.splitkernel.ffi.RawMemory;
import java.util.ArrayDeque;
import java.util.BitSet;

/**
 * A fabric's own table: hands out keys and queue words. Peers map it read-only. Any thread; control
 * path but for {@link #keys}.
 */
final class FabricTable implements AutoCloseable {
  /** A freed slot rests until so many others are free, so that a stale key stays wrong for long. */
  private static final int RESTING_MIN = 4096;

  private static final int GENERATION_SHIFT = 20;
  private static final int GENERATIONS = 1 << 12;

  private final int slotCount;
  private final int queueCount;
  private final long address;
  private final long bytes;
  private final int readOnlyFd;
  private final KeyTable keys;
  private final ArrayDeque<Integer> resting = new ArrayDeque<>();
  private final BitSet queues = new BitSet();
  private int fresh;

  private FabricTable(ShmConfig config, long address, long bytes, int readOnlyFd) {
    this.slotCount = config.regionsMax();
    this.queueCount = config.completionQueuesMax();
    this.address = address;
    this.bytes = bytes;
    this.readOnlyFd = readOnlyFd;
    this.keys =
        new KeyTable(address + TableLayout.slots(queueCount), slotCount, config.memoriesMax());
  }

  static FabricTable create(ShmConfig config) throws FabricException {
    long bytes = TableLayout.bytes(config.completionQueuesMax(), config.regionsMax());
    int fd = MemFd.create("lego-shm-table", bytes);
    if (fd < 0) {
      throw new FabricException(
          "memfd_create(lego-shm-table, " + bytes + " bytes): " + Errno.text(fd));
    }
    long address = MemoryMap.shared(fd, bytes);
    int readOnly = FileDescriptor.reopenReadOnly(fd);
    FileDescriptor.close(fd);
    if (MemoryMap.isError(address) || readOnly < 0) {
      FileDescriptor.close(readOnly);
      throw new FabricException(
          "mapping the key table of "
              + bytes
              + " bytes: "
              + Errno.text(MemoryMap.isError(address) ? address : readOnly));
    }
    return new FabricTable(config, address, bytes, readOnly);
  }

  KeyTable keys() {
    return keys;
  }

  int readOnlyFd() {
    return readOnlyFd;
  }

  int slotCount() {
    return slotCount;
  }

  int queueCount() {
    return queueCount;
  }

  /** Publishes a region; its key, or 0 when every slot is taken. */
  synchronized int publish(
      int domain, int memoryId, long iova, long lengthBytes, long offset, int access) {
    int index;
    if (resting.size() >= RESTING_MIN || (fresh == slotCount && !resting.isEmpty())) {
      index = resting.poll();
    } else if (fresh < slotCount) {
      index = fresh++;
    } else {
      return 0;
    }
    long slot = keys.slotAddress(index);
    int generation = RawMemory.getInt(slot + TableLayout.LAST_KEY) >>> GENERATION_SHIFT;
    int next = generation + 1 == GENERATIONS ? 1 : generation + 1;
    int key = (next << GENERATION_SHIFT) | index;
    RawMemory.putInt(slot + TableLayout.ACCESS, access);
    RawMemory.putInt(slot + TableLayout.DOMAIN, domain);
    RawMemory.putInt(slot + TableLayout.MEMORY, memoryId);
    RawMemory.putLong(slot + TableLayout.IOVA, iova);
    RawMemory.putLong(slot + TableLayout.LENGTH, lengthBytes);
    RawMemory.putLong(slot + TableLayout.OFFSET, offset);
    RawMemory.putInt(slot + TableLayout.LAST_KEY, key);
    RawMemory.putIntRelease(slot + TableLayout.KEY, key);
    return key;
  }

  /** Invalidates a key; running operations may still use it. */
  void revoke(int key) {
    RawMemory.putIntFenced(keys.slotAddress(KeyTable.slotOf(key)) + TableLayout.KEY, 0);
  }

  /** Gives the slot of a revoked key, which nobody uses any more, back. */
  synchronized void recycle(int key) {
    resting.add(KeyTable.slotOf(key));
  }

  /** Takes a queue number, or -1 when none is left. */
  synchronized int takeQueue() {
    int queue = queues.nextClearBit(0);
    if (queue >= queueCount) {
      return -1;
    }
    queues.set(queue);
    return queue;
  }

  synchronized void freeQueue(int queue) {
    queues.clear(queue);
  }

  long queueWord(int queue) {
    return address + TableLayout.queueWord(queue);
  }

  @Override
  public void close() {
    MemoryMap.unmap(address, bytes);
    FileDescriptor.close(readOnlyFd);
  }
}
