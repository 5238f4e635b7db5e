package io.splitkernel.fabric.verbs;

import io.splitkernel.fabric.Opcode;

/**
 * What was posted on one queue and has not completed: the user's token, the operation and the
 * length, by sequence number. One thread posts, one thread (perhaps another) completes; data path.
 */
final class PostedRing {
  private final long[] ids;
  private final int[] lengths;
  private final Opcode[] opcodes;
  private final int depth;
  private final int mask;
  private long tail;
  private volatile long posted;
  private volatile long completed;

  PostedRing(int depth) {
    int size = Integer.highestOneBit(Math.max(1, depth * 2 - 1));
    this.depth = depth;
    this.ids = new long[size];
    this.lengths = new int[size];
    this.opcodes = new Opcode[size];
    this.mask = size - 1;
  }

  /** How many may be posted now. */
  int room() {
    return depth - (int) (tail - completed);
  }

  /** Sequence number of the next one. */
  long next() {
    return tail;
  }

  /** Notes one before it is posted; {@link #advance} makes it count. */
  void note(long sequence, long id, Opcode opcode, int length) {
    opcodes[(int) sequence & mask] = opcode;
    ids[(int) sequence & mask] = id;
    lengths[(int) sequence & mask] = length;
  }

  void advance(int count) {
    tail += count;
    posted = tail;
  }

  void retreat(int count) {
    tail -= count;
    posted = tail;
  }

  Opcode opcode(long sequence) {
    return opcodes[(int) sequence & mask];
  }

  int length(long sequence) {
    return lengths[(int) sequence & mask];
  }

  /** One has completed, and with it all before it; the user's token. */
  long complete(long sequence) {
    long id = ids[(int) sequence & mask];
    completed = sequence + 1;
    return id;
  }

  boolean isEmpty() {
    return posted == completed;
  }
}
