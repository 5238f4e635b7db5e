package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.Layout;
import io.splitkernel.ffi.ProcessVm;
import io.splitkernel.ffi.RawMemory;

/**
 * io_uring_setup(2), and io_uring_register(2) where it enables a ring. A ring carries madvise(2)
 * out where nobody sees it, so each begins with the restriction that it does everything else: its
 * madvise answers EACCES. A ring that the program restricts itself is left as it is. Belongs to one
 * thread.
 */
final class RingCalls implements AutoCloseable {
  static final long SYS_SETUP = 425;
  static final long SYS_REGISTER = 427;
  static final int SETUP_DISABLED = 1 << 6;
  static final int REGISTER_RESTRICTIONS = 11;
  static final int REGISTER_ENABLE = 12;

  /** struct io_uring_params. */
  static final int PARAMS_BYTES = 120;

  static final int PARAMS_FLAGS = 8;

  private static final int SETUP_REGISTERED_ONLY = 1 << 15;
  private static final long REGISTERED = 1L << 31;
  private static final long SYS_CLOSE = 3;
  private static final long SCRATCH = Layout.of("LEGO_SCRATCH_ADDRESS");

  private final Injection injection;
  private final ProcessVm memory;
  private RingRestrictions restrictions;

  /**
   * @param injection that has borrowed the thread when a call is carried out.
   * @param memory to reach its memory with.
   */
  RingCalls(Injection injection, ProcessVm memory) {
    this.injection = injection;
    this.memory = memory;
  }

  /** Whether there is something to do about a call. */
  boolean isDue(Call call) {
    if (call.number() == SYS_SETUP && (!readParams(call) || (flags() & SETUP_DISABLED) != 0)) {
      return false; // what is disabled is restricted when it is enabled
    }
    if (restrictions == null) {
      restrictions = new RingRestrictions();
    }
    return restrictions.count() > 0;
  }

  long carryOut(Call call) throws TaskEndedException {
    return call.number() == SYS_SETUP ? setup(call) : enable(call);
  }

  private long setup(Call call) throws TaskEndedException {
    if (!readParams(call)) {
      return -Errno.EFAULT;
    }
    int asked = flags();
    RawMemory.putInt(memory.address() + PARAMS_FLAGS, asked | SETUP_DISABLED);
    if (memory.write(call.tid(), SCRATCH, PARAMS_BYTES) != PARAMS_BYTES) {
      return -Errno.EFAULT;
    }
    long ring = injection.agentSyscall(SYS_SETUP, call.arguments()[0], SCRATCH);
    if (ring < 0) {
      return ring;
    }
    memory.read(call.tid(), SCRATCH, PARAMS_BYTES);
    RawMemory.putInt(memory.address() + PARAMS_FLAGS, flags() & ~SETUP_DISABLED);
    boolean told = memory.write(call.tid(), call.arguments()[1], PARAMS_BYTES) == PARAMS_BYTES;
    long how = (asked & SETUP_REGISTERED_ONLY) != 0 ? REGISTERED : 0;
    long result = told ? restrict(call.tid(), ring, how) : -Errno.EFAULT;
    if (result == 0) {
      result = injection.agentSyscall(SYS_REGISTER, ring, how | REGISTER_ENABLE, 0, 0);
    }
    if (result < 0) {
      injection.agentSyscall(SYS_CLOSE, ring);
    }
    return result < 0 ? result : ring;
  }

  private long enable(Call call) throws TaskEndedException {
    long[] a = call.arguments();
    restrict(call.tid(), a[0], a[1] & REGISTERED); // refused where the program has done so
    return injection.agentSyscall(SYS_REGISTER, a[0], a[1], a[2], a[3]);
  }

  private long restrict(int tid, long ring, long how) throws TaskEndedException {
    int bytes = restrictions.count() * RingRestrictions.BYTES;
    restrictions.copyTo(memory.address());
    if (memory.write(tid, SCRATCH, bytes) != bytes) {
      return -Errno.EFAULT;
    }
    return injection.agentSyscall(
        SYS_REGISTER, ring, how | REGISTER_RESTRICTIONS, SCRATCH, restrictions.count());
  }

  private boolean readParams(Call call) {
    return memory.read(call.tid(), call.arguments()[1], PARAMS_BYTES) == PARAMS_BYTES;
  }

  private int flags() {
    return RawMemory.getInt(memory.address() + PARAMS_FLAGS);
  }

  @Override
  public void close() {
    if (restrictions != null) {
      restrictions.close();
    }
  }
}
