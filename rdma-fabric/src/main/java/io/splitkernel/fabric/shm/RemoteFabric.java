package io.splitkernel.fabric.shm;

import io.splitkernel.fabric.FabricException;
import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.MemFd;
import io.splitkernel.ffi.MemoryMap;

/**
 * A peer fabric as mapped here: its table, and those of its memories that were needed. Shared by
 * all connections to it. Counted references; mapping and unmapping belong to the event thread and
 * to the last release.
 */
final class RemoteFabric {
  private final FileDescriptor.Status identity;
  private final long table;
  private final long tableBytes;
  private final KeyTable keys;
  private int references;
  private boolean unmapped;

  private RemoteFabric(FileDescriptor.Status identity, Introduction peer, long table) {
    this.identity = identity;
    this.table = table;
    this.tableBytes = peer.tableBytes();
    this.keys =
        new KeyTable(
            table + TableLayout.slots(peer.queuesMax()), peer.regionsMax(), peer.memoriesMax());
  }

  /** Maps a peer's table; the descriptor stays the caller's. */
  static RemoteFabric map(int tableFd, Introduction peer) throws FabricException {
    FileDescriptor.Status identity = FileDescriptor.status(tableFd);
    if (identity == null || !MemFd.isSealed(tableFd, peer.tableBytes())) {
      throw new FabricException("the peer sent a key table of another size; same version?");
    }
    long table = MemoryMap.sharedReadOnly(tableFd, peer.tableBytes());
    if (MemoryMap.isError(table)) {
      throw new FabricException(
          "mmap(the peer's key table, " + peer.tableBytes() + " bytes): " + Errno.text(table));
    }
    return new RemoteFabric(identity, peer, table);
  }

  /** The table's file, which no other fabric has. */
  FileDescriptor.Status identity() {
    return identity;
  }

  KeyTable keys() {
    return keys;
  }

  long queueWord(int queue) {
    return table + TableLayout.queueWord(queue);
  }

  /** Under the fabric's lock. */
  void retain() {
    references++;
  }

  /** Under the fabric's lock; true when it was the last one. */
  boolean release() {
    return --references == 0;
  }

  /** Maps a memory whose descriptor has come; false when it is not what the peer says. */
  synchronized boolean mapMemory(int memoryId, int fd, long lengthBytes) {
    int index = KeyTable.memoryIndexOf(memoryId);
    if (unmapped
        || index >= keys.memories()
        || lengthBytes <= 0
        || !MemFd.isSealed(fd, lengthBytes)) {
      return false;
    }
    if (keys.isMapped(memoryId)) {
      return true;
    }
    if (keys.mappedIdAt(index) != 0) {
      return false;
    }
    long base = MemoryMap.shared(fd, lengthBytes);
    if (MemoryMap.isError(base)) {
      return false;
    }
    keys.map(memoryId, base, lengthBytes);
    return true;
  }

  /** The memory that is mapped at the index of another one, or 0. */
  synchronized int mappedIdLike(int memoryId) {
    int index = KeyTable.memoryIndexOf(memoryId);
    return index < keys.memories() ? keys.mappedIdAt(index) : 0;
  }

  /** Unmaps a memory after {@code untilIdle} has waited for running operations. */
  synchronized void unmapMemory(int memoryId, Runnable untilIdle) {
    int index = KeyTable.memoryIndexOf(memoryId);
    if (index >= keys.memories() || memoryId == 0 || !keys.isMapped(memoryId)) {
      return;
    }
    keys.unmap(memoryId);
    untilIdle.run();
    MemoryMap.unmap(keys.baseAt(index), keys.lengthAt(index));
  }

  /** Unmaps everything; no connection uses it any more. */
  synchronized void unmapAll() {
    unmapped = true;
    for (int i = 0; i < keys.memories(); i++) {
      if (keys.mappedIdAt(i) != 0) {
        MemoryMap.unmap(keys.baseAt(i), keys.lengthAt(i));
        keys.unmap(keys.mappedIdAt(i));
      }
    }
    MemoryMap.unmap(table, tableBytes);
  }
}
