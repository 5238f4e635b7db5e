package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.ProcessVm;
import java.lang.foreign.Arena;

/**
 * Calls that only their own thread can make, and that must be made in another way than it asks: it
 * is borrowed, and makes others in their place from the agent's code. Belongs to one thread.
 */
final class BorrowedCalls implements AutoCloseable {
  private static final int BYTES_MAX = 4096;

  private final ProgramFamily family;
  private final Injection injection;
  private final ProcessVm memory = new ProcessVm(BYTES_MAX);
  private final RingCalls rings;
  private final StrictCalls strict;

  BorrowedCalls(Arena arena, ProgramFamily family) {
    this.family = family;
    this.injection = new Injection(arena);
    this.rings = new RingCalls(injection, memory);
    this.strict = new StrictCalls(injection, memory);
  }

  /** Whether a call is one of those. */
  static boolean concerns(Call call) {
    return isOfRing(call) || isStrict(call);
  }

  private static boolean isOfRing(Call call) {
    return call.number() == RingCalls.SYS_SETUP || call.number() == RingCalls.SYS_REGISTER;
  }

  private static boolean isStrict(Call call) {
    SeenCalls seen = SeenCalls.of(call.architecture(), call.number());
    return call.architecture() == SeenCalls.ARCH_X86_64
        && (call.number() & SeenCalls.X32_BIT) == 0
        && ((seen == SeenCalls.SECCOMP && StrictCalls.isSeccomp(call.arguments()))
            || (seen == SeenCalls.PRCTL && StrictCalls.isPrctl(call.arguments())));
  }

  /** Answers such a call of a thread in whose address space the agent's code is. */
  void carryOut(Call call) throws TaskEndedException {
    ProcStatus status = ProcStatus.of(call.tid());
    boolean filtered = status != null && status.filters() > family.filtersExpected();
    boolean due =
        status != null && (isOfRing(call) ? rings.isDue(call) : StrictCalls.isDue(call, filtered));
    if (!due
        || status.tracerPid() != 0 // a debugger has it
        || injection.seize(status.pid(), call.tid(), filtered) != 0) {
      call.answer(MemoryCalls.PROCEED);
      return;
    }
    injection.borrow(call);
    try {
      injection.answer(isOfRing(call) ? rings.carryOut(call) : strict.carryOut(call));
    } finally {
      injection.giveBack();
    }
  }

  @Override
  public void close() {
    memory.close();
    rings.close();
  }
}
