package io.splitkernel.pcomponent.process;

import java.util.List;

/**
 * The system calls that supervision sees: what changes the mappings of an address space or frees
 * its memory. The filter's program ({@link FilterProgram}) and the dispatch ({@link MemoryCalls})
 * both come from here. A call is seen when one of its conditions holds, or when it has none.
 * Numbers are those of x86-64 and of i386, -1 for none.
 */
enum SeenCalls {
  /** What covers an old mapping, and private anonymous memory. */
  MMAP(9, 192, when(3, 0x10, 0x10), when(3, 0x4002f, 0x22)),
  MPROTECT(10, 125),
  MUNMAP(11, 91),
  BRK(12, 45),
  /** A new action for a signal, see {@link SignalGuard}. */
  RT_SIGACTION(13, 174, whenNotZero(1)),
  MREMAP(25, 163),
  /** DONTNEED, FREE, {DONT,DO}FORK, MERGEABLE, {DONT,DO}DUMP, {WIPE,KEEP}ONFORK, .., guards. */
  MADVISE(28, 219, when(2, ~0, 4, 8, 10, 11, 12, 16, 17, 18, 19, 24, 25, 102, 103)),
  /** At an offset that may be an address: see {@link MemoryFiles}. */
  PREAD64(17, -1, whenAddress(3)),
  PWRITE64(18, -1, whenAddress(3)),
  /** SHM_REMAP. */
  SHMAT(30, 397, when(2, 0x4000, 0x4000)),
  /** UFFDIO_REGISTER, UFFDIO_MOVE. */
  IOCTL(16, 54, when(1, ~0, 0xc020aa00, 0xc028aa05)),
  /** PTRACE_TRACEME, PTRACE_ATTACH, PTRACE_SEIZE. */
  PTRACE(101, 26, when(0, ~0, 0, 16, 0x4206)),
  MLOCK(149, 150),
  MUNLOCK(150, 151),
  MLOCKALL(151, 152),
  MUNLOCKALL(152, 153),
  /** PR_SET_CHILD_SUBREAPER, PR_SET_MM, PR_{SET,GET}_THP_DISABLE, PR_{SET,GET}_MEMORY_MERGE. */
  PRCTL(157, 172, when(0, ~0, 35, 36, 41, 42, 67, 68)),
  MLOCK2(325, 376),
  PKEY_MPROTECT(329, 380),
  /** As madvise(2). */
  PROCESS_MADVISE(440, 440, when(3, ~0, 4, 8, 10, 11, 12, 16, 17, 18, 19, 24, 25, 102, 103)),
  MSEAL(462, 462),
  /** CLONE_NEWUSER: only a process with a single thread may, see {@link ThreadCalls}. */
  UNSHARE(272, 310, when(0, 0x10000000, 0x10000000)),
  SETNS(308, 346),
  /** SECCOMP_FILTER_FLAG_TSYNC. */
  SECCOMP(317, 354, when(1, 1, 1)),
  /** CLONE_CHILD_CLEARTID: where the kernel writes when the thread ends. */
  CLONE(56, -1, when(0, 0x200000, 0x200000)),
  EXIT(60, -1),
  SET_TID_ADDRESS(218, -1),
  SET_ROBUST_LIST(273, -1),
  /** The old mmap of i386: its arguments are in memory. */
  OLD_MMAP(-1, 90),
  /** The shmat of i386. */
  IPC(-1, 117, when(0, 0xffff, 21));

  /** AUDIT_ARCH_X86_64. */
  static final int ARCH_X86_64 = 0xc000003e;

  /** AUDIT_ARCH_I386. */
  static final int ARCH_I386 = 0x40000003;

  /** What the numbers of the x32 calls have in addition. */
  static final int X32_BIT = 0x40000000;

  private static final SeenCalls[] BY_NUMBER = byNumber(ARCH_X86_64);
  private static final SeenCalls[] BY_I386_NUMBER = byNumber(ARCH_I386);

  private final int number;
  private final int i386Number;

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of
  private final List<Condition> conditions;

  SeenCalls(int number, int i386Number, Condition... conditions) {
    this.number = number;
    this.i386Number = i386Number;
    this.conditions = List.of(conditions);
  }

  /**
   * Holds when one half of an argument, masked, is one of some values; without values, when the
   * whole argument is not zero.
   *
   * @param argument its index.
   * @param high whether its high half is looked at.
   * @param mask of the bits that are looked at.
   * @param values of which it must be one.
   */
  record Condition(int argument, boolean high, int mask, List<Integer> values) {
    boolean holds(long[] arguments) {
      return isNotZero()
          ? arguments[argument] != 0
          : values.contains((int) (arguments[argument] >>> (high ? 32 : 0)) & mask);
    }

    boolean isNotZero() {
      return values.isEmpty();
    }
  }

  private static Condition when(int argument, int mask, Integer... values) {
    return new Condition(argument, false, mask, List.of(values));
  }

  private static Condition whenNotZero(int argument) {
    return new Condition(argument, false, ~0, List.of());
  }

  /** An offset beyond what files have, which is an address in a process's memory. */
  private static Condition whenAddress(int argument) {
    return new Condition(
        argument, true, 0x7000, List.of(0x1000, 0x2000, 0x3000, 0x4000, 0x5000, 0x6000, 0x7000));
  }

  private static SeenCalls[] byNumber(int architecture) {
    int max = 0;
    for (SeenCalls call : values()) {
      max = Math.max(max, call.number(architecture));
    }
    SeenCalls[] calls = new SeenCalls[max + 1];
    for (SeenCalls call : values()) {
      if (call.number(architecture) >= 0) {
        calls[call.number(architecture)] = call;
      }
    }
    return calls;
  }

  /** Its number, -1 when an architecture does not have it. */
  int number(int architecture) {
    return architecture == ARCH_I386 ? i386Number : number;
  }

  List<Condition> conditions() {
    return conditions;
  }

  /** Whether the filter reports a call with such arguments. */
  boolean isSeen(long[] arguments) {
    return conditions.isEmpty() || conditions.stream().anyMatch(c -> c.holds(arguments));
  }

  /** The call of a number, x32 or not; null for one that is not in the table. */
  static SeenCalls of(int architecture, int number) {
    SeenCalls[] calls = architecture == ARCH_I386 ? BY_I386_NUMBER : BY_NUMBER;
    int plain = architecture == ARCH_I386 ? number : number & ~X32_BIT;
    return plain >= 0 && plain < calls.length ? calls[plain] : null;
  }
}
