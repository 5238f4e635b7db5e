package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * process_madvise(2) of a process on itself, which frees memory as madvise(2) does (since Linux
 * 6.13). On others it has no such advices, and is left to the kernel.
 */
final class OwnAdviceCalls {
  private static final long PROCEED = MemoryCalls.PROCEED;
  private static final int VECTORS_MAX = 1024;
  private static final long TOTAL_MAX = 0x7ffff000L;

  private final AdviceCalls advices;
  private final ProgramFacts facts;

  OwnAdviceCalls(AdviceCalls advices, ProgramFacts facts) {
    this.advices = advices;
    this.facts = facts;
  }

  long processMadvise(SpaceCalls space, int tid, long[] a) {
    int count = (int) Math.min(Integer.toUnsignedLong((int) a[2]), VECTORS_MAX + 1L);
    if ((int) a[4] != 0 || count == 0 || count > VECTORS_MAX || !facts.isItself(tid, (int) a[0])) {
      return PROCEED;
    }
    byte[] bytes = new byte[16 * count];
    long read = space.read(tid, a[1], bytes);
    if (read < 0) {
      return -Errno.EFAULT;
    }
    ByteBuffer vectors = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      if (vectors.getLong(16 * i + 8) < 0) {
        return -Errno.EINVAL;
      }
    }
    long done = 0;
    for (int i = 0; i < count; i++) {
      long length = Math.min(vectors.getLong(16 * i + 8), TOTAL_MAX - done);
      long result = advices.advise(space, tid, vectors.getLong(16 * i), length, (int) a[3]);
      if (result < 0) {
        return done > 0 ? done : result;
      }
      done += length;
    }
    return done;
  }
}
