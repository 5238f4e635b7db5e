package io.splitkernel.mcomponent.filecache;

import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.concurrent.locks.StampedLock;
import org.agrona.collections.LongHashSet;

/**
 * What is known of one regular file.
 *
 * <p>Locks, in the order in which they are taken:
 *
 * <ol>
 *   <li>the paths' lock of {@link Core}: shared by whoever gives a path and id to the upstream
 *       volume, alone by a rename;
 *   <li>{@link #io}: alone by what changes the file upstream, shared by what reads it there. So
 *       while bytes are on their way from there, they stay current;
 *   <li>{@link #state}: alone by what changes this object or the cached bytes, shared by readers of
 *       cached bytes. Never held while the upstream volume is asked;
 *   <li>locks of {@link FileTable}, {@link ChunkCache}, {@link DirtyBudget} and {@link SpaceGuard}.
 * </ol>
 */
final class CachedFile {
  /** See {@link io.splitkernel.protocol.files.Volume}. */
  final long id;

  /** Position in the table; part of the chunks' keys. */
  final int number;

  final ReentrantReadWriteLock io = new ReentrantReadWriteLock();
  final StampedLock state = new StampedLock();

  /** Slots of {@link ChunkCache} that hold its bytes. */
  final SlotList slots = new SlotList();

  /** A path that leads here for sure, or null. Changed under the table's lock. */
  volatile String path;

  /** The last path that led here. */
  volatile String lastPath = "";

  /** No longer in the table: whoever sees it looks again. Changed under {@link #state}. */
  volatile boolean removed;

  /** Unsynced chunks were given up, so a failed sync cannot be made good. */
  volatile boolean exposed;

  /** {@link #written} as of the last sync upstream. */
  volatile long synced;

  /** Used since the table's hand last passed. */
  boolean recent;

  // Under state from here.

  /** Whether the values below are true. */
  boolean loaded;

  long size;

  /** At least the length upstream: there is nothing behind it. */
  long upstreamSize;

  long modifiedNs;
  long changedNs;

  /** Whether the two times are ours and not those upstream. */
  boolean ownTimes;

  /** Whether the time of modification has to be told upstream. */
  boolean timesDirty;

  int links;

  /** Chunks with blocks that are not upstream yet, or on their way. */
  final LongHashSet dirty = new LongHashSet(8);

  /** Blocks in them. */
  long dirtyBlocks;

  /** Bytes reserved with {@link SpaceGuard}. */
  long charged;

  /** Counts write-backs. */
  long written;

  /** Error of a write-back that nobody has been told of yet, or 0. */
  int error;

  // Racy hints of the reader.

  /** Where a sequential reader goes on. */
  long expected;

  int window;

  // Under the lock of DirtyQueue.
  boolean queued;
  long dueNs;

  CachedFile(long id, int number) {
    this.id = id;
    this.number = number;
  }

  /** Whether something may be lost when the upstream volume loses what it has not synced. */
  boolean unsynced() {
    return !dirty.isEmpty() || written > synced;
  }

  /** Head of the list of a file's slots; its own lock, innermost. */
  static final class SlotList {
    int head = -1;
    int count;
  }
}
