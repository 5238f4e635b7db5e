package io.splitkernel.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * ptrace(2) and wait4(2). One instance belongs to one OS thread, the tracer: the kernel accepts
 * requests from no other. Results are the kernel's: 0 or more, or {@code -errno}.
 */
public final class Ptrace {
  /** Event in bits 16 to 23 of a stop status. */
  public static final int EVENT_FORK = 1;

  public static final int EVENT_VFORK = 2;
  public static final int EVENT_CLONE = 3;
  public static final int EVENT_EXEC = 4;
  public static final int EVENT_SECCOMP = 7;
  public static final int EVENT_STOP = 128;

  private static final long SYS_PTRACE = 101;
  private static final long SYS_WAIT4 = 61;
  private static final long CONT = 7;
  private static final long GETREGS = 12;
  private static final long SETREGS = 13;
  private static final long SYSCALL = 24;
  private static final long GETEVENTMSG = 0x4201;
  private static final long GETSIGINFO = 0x4202;
  private static final long SEIZE = 0x4206;
  private static final long LISTEN = 0x4208;
  private static final long GETSIGMASK = 0x420a;
  private static final long SETSIGMASK = 0x420b;
  private static final long GET_RSEQ_CONFIGURATION = 0x420f;

  private static final long INTERRUPT = 0x4207;
  private static final long DETACH = 17;

  /** System-call stops are told apart from signals. */
  public static final long OPTION_SYSGOOD = 1;

  /** New tasks of the thread are traced as well, from their birth. */
  public static final long OPTION_CLONE = 1 << 3;

  /** The thread is told about by {@link #EVENT_EXEC}. */
  public static final long OPTION_EXEC = 1 << 4;

  /** Filters may stop the thread ({@link #EVENT_SECCOMP}). */
  public static final long OPTION_SECCOMP = 1 << 7;

  /** No filter is run while the thread is traced; needs CAP_SYS_ADMIN. */
  public static final long OPTION_SUSPEND_SECCOMP = 1 << 21;

  private static final long WAIT_ALL = 0x40000000L;
  private static final long WAIT_NO_THREAD = 0x20000000L;
  private static final long WAIT_NOT = 1;

  /** {@code sizeof(struct ptrace_rseq_configuration)}. */
  private static final long RSEQ_BYTES = 24;

  private final MemorySegment word;
  private final MemorySegment info;

  /**
   * @param arena owns the scratch memory.
   */
  public Ptrace(Arena arena) {
    word = arena.allocate(16, 8);
    info = arena.allocate(128, 8);
  }

  /** Attaches without stopping; 0 or {@code -errno} (EPERM when somebody else traces it). */
  public long seize(int tid, long options) {
    return request(SEIZE, tid, 0, options);
  }

  /** Stops a seized thread as soon as it can: {@link #EVENT_STOP} follows. */
  public long interrupt(int tid) {
    return request(INTERRUPT, tid, 0, 0);
  }

  /** Lets go of a stopped thread, which runs on. */
  public long detach(int tid) {
    return request(DETACH, tid, 0, 0);
  }

  /** The same, with a signal to deliver or 0. */
  public long detach(int tid, int signal) {
    return request(DETACH, tid, 0, signal);
  }

  /** Lets a stopped thread run on, with a signal to deliver or 0. */
  public long resume(int tid, int signal) {
    return request(CONT, tid, 0, signal);
  }

  /** Lets a stopped thread run to its next system-call stop. */
  public long resumeToSyscall(int tid) {
    return request(SYSCALL, tid, 0, 0);
  }

  /** Leaves a thread in group-stop but reports further events of it. */
  public long listen(int tid) {
    return request(LISTEN, tid, 0, 0);
  }

  /** Reads the general registers into a struct user_regs_struct. */
  public long readRegisters(int tid, MemorySegment registers) {
    return request(GETREGS, tid, 0, registers.address());
  }

  /** Writes the general registers. */
  public long writeRegisters(int tid, MemorySegment registers) {
    return request(SETREGS, tid, 0, registers.address());
  }

  /** Number that came with the last event: the new thread, or the former thread id at exec. */
  public long eventMessage(int tid) {
    return request(GETEVENTMSG, tid, 0, word.address()) < 0
        ? -1
        : word.get(ValueLayout.JAVA_LONG, 0);
  }

  /** True while the thread is in a ptrace stop; false when it has been killed out of it. */
  public boolean isStopped(int tid) {
    return request(GETEVENTMSG, tid, 0, word.address()) >= 0;
  }

  /** Code of the signal that the thread is stopped for: 0 or less when a process sent it. */
  public int signalCode(int tid) {
    return request(GETSIGINFO, tid, 0, info.address()) < 0 ? 0 : info.get(ValueLayout.JAVA_INT, 8);
  }

  /** The blocked-signal mask, or 0 when the thread is gone. */
  public long signalMask(int tid) {
    return request(GETSIGMASK, tid, 8, word.address()) < 0 ? 0 : word.get(ValueLayout.JAVA_LONG, 0);
  }

  /** Replaces the blocked-signal mask. */
  public long signalMask(int tid, long mask) {
    word.set(ValueLayout.JAVA_LONG, 0, mask);
    return request(SETSIGMASK, tid, 8, word.address());
  }

  /**
   * Waits for a thread to stop or end.
   *
   * @param tid thread, or -1 for any that this thread traces or started.
   * @return the thread, or {@code -errno}; its status is {@link #status}.
   */
  public int await(int tid) {
    return (int)
        Syscall.call(SYS_WAIT4, tid, word.address() + 8, WAIT_ALL | WAIT_NO_THREAD, 0, 0, 0);
  }

  /** The same without waiting: 0 when there is nothing to tell yet. */
  public int poll(int tid) {
    long options = WAIT_ALL | WAIT_NO_THREAD | WAIT_NOT;
    return (int) Syscall.call(SYS_WAIT4, tid, word.address() + 8, options, 0, 0, 0);
  }

  /** Address of a stopped thread's struct rseq (rseq(2)); 0 when it has registered none. */
  public long rseqArea(int tid) {
    long known = request(GET_RSEQ_CONFIGURATION, tid, RSEQ_BYTES, info.address());
    return known < RSEQ_BYTES ? 0 : info.get(ValueLayout.JAVA_LONG, 0);
  }

  /** Status of the last {@link #await}, as wait(2) describes it. */
  public int status() {
    return word.get(ValueLayout.JAVA_INT, 8);
  }

  /** True for the end of a thread. */
  public static boolean hasEnded(int status) {
    return (status & 0x7f) == 0 || ((byte) ((status & 0x7f) + 1) >> 1) > 0;
  }

  /** Exit status as a shell has it: the code, or 128 plus the signal. */
  public static int exitStatus(int status) {
    return (status & 0x7f) == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f);
  }

  /** Signal of a stop. */
  public static int stopSignal(int status) {
    return (status >> 8) & 0xff;
  }

  /** Event of a stop, 0 for none. */
  public static int event(int status) {
    return (status >> 16) & 0xff;
  }

  private static long request(long op, int tid, long address, long data) {
    return Syscall.call(SYS_PTRACE, op, tid, address, data, 0, 0);
  }
}
