package io.splitkernel.mcomponent.filecache;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.StampedLock;
import org.agrona.collections.Long2LongHashMap;

/**
 * The memory: slots of one chunk of 64 KiB each, found by file and chunk, given to others when they
 * were not used for long (a clock). A slot with unwritten blocks stays. Any thread; readers hold
 * their file's state shared, all others alone. A read neither allocates nor waits for upstream.
 */
final class ChunkCache {
  static final int CHUNK_SHIFT = 16;
  static final int CHUNK_BYTES = 1 << CHUNK_SHIFT;
  static final int BLOCK_SHIFT = 12;
  static final int BLOCKS = CHUNK_BYTES >> BLOCK_SHIFT;
  static final int ALL_BLOCKS = (1 << BLOCKS) - 1;

  /** Highest chunk of a file, so that file and chunk fit one key. */
  static final long CHUNKS_MAX = 0xffff_ffffL;

  private static final int NONE = -1;
  private static final int SHARDS = 64;

  private final MemorySegment memory;
  private final int slots;
  private final Shard[] shards = new Shard[SHARDS];
  private final FileTable files;
  private final long[] keys;
  private final int[] valid;
  private final int[] dirty;
  private final int[] writing;
  private final long[] written;
  private final byte[] recent;
  private final byte[] pinned;
  private final SlotLists lists;
  private final int[] free;
  private int freeCount;
  private final AtomicInteger hand = new AtomicInteger();

  ChunkCache(MemorySegment memory, FileTable files) {
    this.memory = memory;
    this.files = files;
    this.slots = (int) Math.min(memory.byteSize() >> CHUNK_SHIFT, 1 << 30);
    for (int i = 0; i < SHARDS; i++) {
      shards[i] = new Shard();
    }
    keys = new long[slots];
    valid = new int[slots];
    dirty = new int[slots];
    writing = new int[slots];
    written = new long[slots];
    recent = new byte[slots];
    pinned = new byte[slots];
    lists = new SlotLists(slots);
    free = new int[slots];
    for (int i = 0; i < slots; i++) {
      free[i] = slots - 1 - i;
      keys[i] = NONE;
    }
    freeCount = slots;
  }

  int slots() {
    return slots;
  }

  /** Slots that hold something. */
  int used() {
    synchronized (free) {
      return slots - freeCount;
    }
  }

  /**
   * Copies cached bytes.
   *
   * @return false when one of the blocks is not here.
   */
  boolean read(
      CachedFile file, long chunk, int offset, int length, MemorySegment into, long intoOffset) {
    long key = key(file, chunk);
    Shard shard = shard(key);
    long stamp = shard.lock.readLock();
    try {
      int slot = (int) shard.map.get(key);
      int wanted = blocks(offset, length);
      if (slot == NONE || (valid[slot] & wanted) != wanted) {
        return false;
      }
      if (recent[slot] == 0) {
        recent[slot] = 1;
      }
      MemorySegment.copy(memory, address(slot) + offset, into, intoOffset, length);
      return true;
    } finally {
      shard.lock.unlockRead(stamp);
    }
  }

  /** Bits of blocks that are here. */
  int validBlocks(CachedFile file, long chunk) {
    long key = key(file, chunk);
    Shard shard = shard(key);
    long stamp = shard.lock.readLock();
    try {
      int slot = (int) shard.map.get(key);
      return slot == NONE ? 0 : valid[slot];
    } finally {
      shard.lock.unlockRead(stamp);
    }
  }

  /** Finds a chunk's slot and keeps it until {@link #unpin}; -1 when it is not here. */
  int pin(CachedFile file, long chunk) {
    long key = key(file, chunk);
    Shard shard = shard(key);
    long stamp = shard.lock.readLock();
    try {
      int slot = (int) shard.map.get(key);
      if (slot != NONE) {
        pinned[slot] = 1;
      }
      return slot;
    } finally {
      shard.lock.unlockRead(stamp);
    }
  }

  /** As {@link #pin}, but takes a slot when there is none; -1 when there is no memory. */
  int pinOrTake(CachedFile file, long chunk) {
    int slot = pin(file, chunk);
    if (slot != NONE) {
      return slot;
    }
    slot = take();
    if (slot == NONE) {
      return NONE;
    }
    valid[slot] = 0;
    dirty[slot] = 0;
    writing[slot] = 0;
    written[slot] = 0;
    recent[slot] = 1;
    pinned[slot] = 1;
    long key = key(file, chunk);
    Shard shard = shard(key);
    long stamp = shard.lock.writeLock();
    try {
      keys[slot] = key;
      shard.map.put(key, slot);
      lists.add(file.slots, slot);
    } finally {
      shard.lock.unlockWrite(stamp);
    }
    return slot;
  }

  /** Lets a slot go again. */
  void unpin(int slot) {
    Shard shard = shard(keys[slot]);
    long stamp = shard.lock.readLock();
    pinned[slot] = 0;
    shard.lock.unlockRead(stamp);
  }

  /** Empties a pinned slot and gives it back. */
  void drop(CachedFile file, int slot) {
    Shard shard = shard(keys[slot]);
    long stamp = shard.lock.writeLock();
    try {
      shard.map.remove(keys[slot]);
      lists.remove(file.slots, slot);
      pinned[slot] = 0;
      keys[slot] = NONE;
    } finally {
      shard.lock.unlockWrite(stamp);
    }
    synchronized (free) {
      free[freeCount++] = slot;
    }
  }

  /** Chunks of a file that are here, in no order. */
  long[] chunksOf(CachedFile file) {
    int[] taken = lists.slots(file.slots);
    long[] chunks = new long[taken.length];
    int found = 0;
    for (int slot : taken) {
      long key = keys[slot];
      // Slots may be given to others meanwhile.
      if (key != NONE && key >>> 32 == file.number) {
        chunks[found++] = key & CHUNKS_MAX;
      }
    }
    return Arrays.copyOf(chunks, found);
  }

  // Of a pinned slot:

  int valid(int slot) {
    return valid[slot];
  }

  int dirty(int slot) {
    return dirty[slot];
  }

  int writing(int slot) {
    return writing[slot];
  }

  /** The file's count of write-backs when the slot was last written back. */
  long written(int slot) {
    return written[slot];
  }

  void setValid(int slot, int blocks) {
    valid[slot] = blocks;
  }

  void setDirty(int slot, int blocks) {
    dirty[slot] = blocks;
  }

  void setWriting(int slot, int blocks) {
    writing[slot] = blocks;
  }

  void setWritten(int slot, long count) {
    written[slot] = count;
  }

  void copyIn(int slot, int offset, MemorySegment from, long fromOffset, int length) {
    MemorySegment.copy(from, fromOffset, memory, address(slot) + offset, length);
  }

  void copyOut(int slot, int offset, MemorySegment into, long intoOffset, int length) {
    MemorySegment.copy(memory, address(slot) + offset, into, intoOffset, length);
  }

  void zero(int slot, int offset, int length) {
    memory.asSlice(address(slot) + offset, length).fill((byte) 0);
  }

  /** Bits of the blocks that a range of a chunk touches. */
  static int blocks(int offset, int length) {
    int first = offset >> BLOCK_SHIFT;
    int last = (offset + length - 1) >> BLOCK_SHIFT;
    return (ALL_BLOCKS >> (BLOCKS - 1 - last)) & (ALL_BLOCKS << first) & ALL_BLOCKS;
  }

  private static long address(int slot) {
    return (long) slot << CHUNK_SHIFT;
  }

  private static long key(CachedFile file, long chunk) {
    return ((long) file.number << 32) | chunk;
  }

  private Shard shard(long key) {
    long mixed = key * 0x9E3779B97F4A7C15L;
    return shards[(int) (mixed >>> 58)];
  }

  private int take() {
    synchronized (free) {
      if (freeCount > 0) {
        return free[--freeCount];
      }
    }
    for (long tries = 0; tries < 4L * slots; tries++) {
      int slot = Math.floorMod(hand.getAndIncrement(), slots);
      if (recent[slot] != 0) {
        recent[slot] = 0;
      } else if (evict(slot)) {
        return slot;
      }
    }
    return NONE;
  }

  private boolean evict(int slot) {
    long key = keys[slot];
    if (key == NONE) {
      return false;
    }
    Shard shard = shard(key);
    long stamp = shard.lock.writeLock();
    try {
      if (shard.map.get(key) != slot || pinned[slot] != 0 || (dirty[slot] | writing[slot]) != 0) {
        return false;
      }
      CachedFile file = files.byNumber((int) (key >>> 32));
      if (written[slot] > file.synced) {
        file.exposed = true;
      }
      shard.map.remove(key);
      lists.remove(file.slots, slot);
      keys[slot] = NONE;
      return true;
    } finally {
      shard.lock.unlockWrite(stamp);
    }
  }

  private static final class Shard {
    final StampedLock lock = new StampedLock();
    final Long2LongHashMap map = new Long2LongHashMap(NONE);
  }
}
