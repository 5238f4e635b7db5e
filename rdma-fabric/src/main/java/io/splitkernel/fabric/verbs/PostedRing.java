package io.splitkernel.fabric.verbs;

import io.splitkernel.fabric.Opcode;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What was posted on one queue and has not completed: the user's token, the operation and the
 * length, by sequence number. One thread posts, one thread (perhaps another) completes; data path.
 */
final class PostedRing {
  private static final VarHandle POSTED;
  private static final VarHandle COMPLETED;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      POSTED = lookup.findVarHandle(PostedRing.class, "posted", long.class);
      COMPLETED = lookup.findVarHandle(PostedRing.class, "completed", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  // Two for each: the token, and the length with the operation above it. No reference is stored.
  private final long[] entries;
  private final int depth;
  private long tail;
  // one writer each; a store that only has to be seen in order needs no fence
  private long posted;
  private long completed;

  PostedRing(int depth) {
    int size = Integer.highestOneBit(Math.max(1, depth * 2 - 1));
    this.depth = depth;
    this.entries = new long[2 * size];
  }

  // The array's own length as a mask, since then the compiler needs no check of bounds.

  private void put(int at, long value) {
    entries[at & (entries.length - 1)] = value;
  }

  private long get(int at) {
    return entries[at & (entries.length - 1)];
  }

  private static int at(long sequence) {
    return (int) (sequence << 1);
  }

  /** How many may be posted now. */
  int room() {
    return depth - (int) (tail - (long) COMPLETED.getAcquire(this));
  }

  /** Sequence number of the next one. */
  long next() {
    return tail;
  }

  /** Notes one before it is posted; {@link #advance} makes it count. */
  void note(long sequence, long id, Opcode opcode, int length) {
    int at = at(sequence);
    put(at, id);
    put(at + 1, (long) opcode.ordinal() << Integer.SIZE | (length & 0xffff_ffffL));
  }

  void advance(int count) {
    tail += count;
    POSTED.setRelease(this, tail);
  }

  void retreat(int count) {
    tail -= count;
    POSTED.setRelease(this, tail);
  }

  /** Ordinal of its operation. */
  int operation(long sequence) {
    return (int) (get(at(sequence) + 1) >>> Integer.SIZE);
  }

  int length(long sequence) {
    return (int) get(at(sequence) + 1);
  }

  /** One has completed, and with it all before it; the user's token. */
  long complete(long sequence) {
    long id = get(at(sequence));
    COMPLETED.setRelease(this, sequence + 1);
    return id;
  }

  boolean isEmpty() {
    return (long) POSTED.getAcquire(this) == (long) COMPLETED.getAcquire(this);
  }
}
