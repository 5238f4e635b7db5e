package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.Syscall;

/**
 * Restrictions of a ring (io_uring_register(2)) that allow all that this kernel has, but madvise.
 * How much that is, rings of our own tell, which take them or not.
 */
final class RingRestrictions implements AutoCloseable {
  /** {@code sizeof(struct io_uring_restriction)}. */
  static final int BYTES = 16;

  private static final int REGISTER_OP = 0;
  private static final int SQE_OP = 1;
  private static final int SQE_FLAGS_ALLOWED = 2;
  private static final int OP_MADVISE = 25;
  private static final int OPS_MAX = 128;
  private static final int REGISTER_OPS_MAX = 96;
  private static final long ARRAY_BYTES = BYTES * (1L + OPS_MAX + REGISTER_OPS_MAX);

  private final long array = RawMemory.map(ARRAY_BYTES);
  private int count;

  /** Those of this kernel; none when it has no rings, or none for us. */
  RingRestrictions() {
    int ops = largest(OPS_MAX, 0);
    int registerOps = ops == 0 ? 0 : largest(REGISTER_OPS_MAX, ops);
    if (registerOps == 0) {
      count = 0;
    }
  }

  /**
   * The most operations that a ring takes, or, when these are known, calls to register. It takes
   * restrictions once, but may refuse them any number of times.
   */
  private int largest(int max, int ops) {
    long params = RawMemory.map(RingCalls.PARAMS_BYTES);
    RawMemory.putInt(params + RingCalls.PARAMS_FLAGS, RingCalls.SETUP_DISABLED);
    int ring = (int) Syscall.call(RingCalls.SYS_SETUP, 1, params, 0);
    RawMemory.unmap(params, RingCalls.PARAMS_BYTES);
    int most = ring < 0 ? 0 : max;
    while (most > 0 && !(ops == 0 ? isTaken(ring, most, 0) : isTaken(ring, ops, most))) {
      most--;
    }
    FileDescriptor.close(ring);
    return most;
  }

  private boolean isTaken(int ring, int ops, int registerOps) {
    count = 0;
    add(SQE_FLAGS_ALLOWED, 0xff);
    for (int i = 0; i < ops; i++) {
      if (i != OP_MADVISE) {
        add(SQE_OP, i);
      }
    }
    for (int i = 0; i < registerOps; i++) {
      add(REGISTER_OP, i);
    }
    long how = RingCalls.REGISTER_RESTRICTIONS;
    return Syscall.call(RingCalls.SYS_REGISTER, ring, how, array, count, 0, 0) == 0;
  }

  private void add(int kind, int value) {
    long at = array + (long) BYTES * count++;
    RawMemory.putLong(at, kind | (long) value << 16);
    RawMemory.putLong(at + 8, 0);
  }

  /** How many there are. */
  int count() {
    return count;
  }

  void copyTo(long address) {
    RawMemory.copy(array, address, (long) BYTES * count);
  }

  @Override
  public void close() {
    RawMemory.unmap(array, ARRAY_BYTES);
  }
}
