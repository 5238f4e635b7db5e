package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.Layout;
import io.splitkernel.ffi.Ptrace;
import io.splitkernel.ffi.Syscall;
import java.lang.foreign.Arena;

/**
 * Borrows a thread, runs code in it, and lets it go as if nothing had been: {@link #borrow}, any
 * number of {@link #syscall} and {@link #runToStop}, then {@link #giveBack}. A thread that waited
 * in a reported call is about to make that call then; one that was stopped elsewhere ({@link
 * Interruption}) is where it was, and the kernel makes an interrupted call again. Signals are
 * blocked meanwhile. The thread is traced for that time only. One instance belongs to one OS
 * thread; one borrowed thread at a time.
 */
final class Injection {
  /** Of a thread without filters of its own. */
  static final long OPTIONS = Ptrace.OPTION_SYSGOOD | Ptrace.OPTION_SECCOMP;

  private static final long SYS_TGKILL = 234;
  private static final int SIGTRAP = 5;
  private static final int SYSCALL_STOP = SIGTRAP | 0x80;

  /** SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV. */
  private static final long FAULTS = 1L << 4 | 1L << 5 | 1L << 7 | 1L << 8 | 1L << 11;

  private static final long SYSCALL_BYTES = 2;
  private static final long BLOB = Layout.of("LEGO_BLOB_ADDRESS");
  private static final long BLOB_BYTES = Layout.of("LEGO_BLOB_BYTES");
  private static final long AGENT_SYSCALL = Layout.of("LEGO_SYSCALL_ADDRESS");
  private static final long SETUP_THREAD = Layout.of("LEGO_SETUP_THREAD");
  private static final long CALL_STOP = Layout.of("LEGO_CALL_STOP");

  private final Ptrace ptrace;
  private final Registers saved;
  private final Registers working;
  private final Thread owner = Thread.currentThread();
  private long savedMask;
  private int tid;
  private int pid;
  private int pendingStop;
  private boolean filtersSuspended;
  private boolean agentIsThread;
  private boolean interrupted;

  Injection(Arena arena) {
    this.ptrace = new Ptrace(arena);
    this.saved = new Registers(arena);
    this.working = new Registers(arena);
  }

  /**
   * Begins to trace a thread that waits in a call; it goes on waiting.
   *
   * @param suspendFilters whether the program's own filters must not see what is run.
   * @return 0, or {@code -errno}: EPERM when somebody else traces it, or when it may not be traced.
   */
  long seize(int stoppedPid, int stoppedTid, boolean suspendFilters) {
    assert owner == Thread.currentThread();
    pid = stoppedPid;
    tid = stoppedTid;
    pendingStop = 0;
    filtersSuspended = suspendFilters;
    interrupted = false;
    return ptrace.seize(
        tid,
        suspendFilters ? OPTIONS | Ptrace.OPTION_SUSPEND_SECCOMP | Ptrace.OPTION_CLONE : OPTIONS);
  }

  /** Ends the seized thread's call, and stops the thread before it runs anything else. */
  void borrow(Call call) throws TaskEndedException {
    ptrace.interrupt(tid);
    call.answer(-Errno.EINTR); // never seen: the call is made again
    while (Ptrace.event(await()) != Ptrace.EVENT_STOP) {
      ptrace.resume(tid, 0);
    }
    ptrace.readRegisters(tid, saved.segment());
    saved.rip(saved.rip() - SYSCALL_BYTES).rax(call.number()).outsideCall();
    blockSignals();
  }

  /** Borrows a thread that is traced already, and stopped by an {@link Interruption}. */
  void borrow(int stoppedPid, int stoppedTid) {
    assert owner == Thread.currentThread();
    pid = stoppedPid;
    tid = stoppedTid;
    pendingStop = 0;
    filtersSuspended = false;
    interrupted = true;
    ptrace.readRegisters(tid, saved.segment());
    InterruptibleCalls.mend(saved);
    blockSignals();
  }

  private void blockSignals() {
    savedMask = ptrace.signalMask(tid);
    ptrace.signalMask(tid, -1L);
  }

  /** Runs one system call at the instruction by which the thread made its own. */
  long syscall(long number, long... arguments) throws TaskEndedException {
    return syscallAt(saved.rip(), number, arguments);
  }

  private long syscallAt(long instruction, long number, long... arguments)
      throws TaskEndedException {
    working.copyFrom(saved);
    working.outsideCall().rip(instruction).rax(number).arguments(arguments);
    ptrace.writeRegisters(tid, working.segment());
    ptrace.resumeToSyscall(tid);
    awaitSyscallStop();
    ptrace.resumeToSyscall(tid);
    awaitSyscallStop();
    ptrace.readRegisters(tid, working.segment());
    return working.rax();
  }

  /** Runs one system call from the agent's code, which nobody reports. */
  long agentSyscall(long number, long... arguments) throws TaskEndedException {
    return syscallAt(AGENT_SYSCALL, number, arguments);
  }

  /** What the thread's own call answers when it is given back; it does not make it again. */
  void answer(long result) {
    saved.rip(saved.rip() + SYSCALL_BYTES).rax(result);
  }

  /** Enters the blob's set-up routine, runs to its first stop, and answers that one's argument. */
  long enterBlob(long what, long descriptor, long windowDescriptor) throws TaskEndedException {
    agentIsThread = (what & SETUP_THREAD) != 0;
    working.copyFrom(saved);
    working
        .outsideCall()
        .rip(BLOB)
        .rsp(BLOB + BLOB_BYTES - 72)
        .rax(0)
        .arguments(what, descriptor, windowDescriptor);
    ptrace.writeRegisters(tid, working.segment());
    return runToStop();
  }

  /** Runs to the blob's next stop, and answers its argument. */
  long runToStop() throws TaskEndedException {
    if (filtersSuspended) {
      runToStopCall();
    } else {
      do {
        ptrace.resume(tid, 0);
      } while (isOther(await(), Ptrace.EVENT_SECCOMP));
    }
    ptrace.readRegisters(tid, working.segment());
    return working.argument(0);
  }

  /** Without filters nothing but the call's own number tells the stop. */
  private void runToStopCall() throws TaskEndedException {
    do {
      ptrace.resumeToSyscall(tid);
      int status = await();
      if (Ptrace.event(status) == Ptrace.EVENT_CLONE) {
        letTaskGo((int) ptrace.eventMessage(tid));
      }
      remember(status);
      ptrace.readRegisters(tid, working.segment());
    } while (working.number() != CALL_STOP);
    // out of the call, which filters would see when the thread is let go inside it
    ptrace.resumeToSyscall(tid);
    awaitSyscallStop();
  }

  /**
   * The agent, or the go-between that makes it, was born traced; the agent stays without filters.
   */
  private void letTaskGo(int born) {
    ptrace.await(born);
    ptrace.resume(born, 0);
    if (agentIsThread) {
      return;
    }
    while (ptrace.await(born) == born && !Ptrace.hasEnded(ptrace.status())) {
      boolean cloned = Ptrace.event(ptrace.status()) == Ptrace.EVENT_CLONE;
      int made = cloned ? (int) ptrace.eventMessage(born) : 0;
      ptrace.resume(born, 0);
      if (made > 0 && ptrace.await(made) == made) {
        ptrace.resume(made, 0);
      }
    }
  }

  /**
   * Puts the thread back to where it was, and stops tracing it; of one that was stopped by an
   * {@link Interruption}, that lets go.
   */
  void giveBack() {
    if (interrupted) {
      stopForSignals();
    }
    ptrace.writeRegisters(tid, saved.segment());
    ptrace.signalMask(tid, savedMask);
    if (!interrupted && ptrace.detach(tid) < 0) {
      collect();
      return;
    }
    if (pendingStop != 0) {
      Syscall.call(SYS_TGKILL, pid, tid, pendingStop);
    }
  }

  /**
   * Takes the thread, without its running anything, to where signals are delivered: only from there
   * the kernel looks whether a call is to be made again.
   */
  private void stopForSignals() {
    working.copyFrom(saved);
    working.outsideCall();
    ptrace.writeRegisters(tid, working.segment());
    ptrace.interrupt(tid);
    try {
      do {
        ptrace.resume(tid, 0);
      } while (isOther(await(), Ptrace.EVENT_STOP));
    } catch (TaskEndedException e) {
      // giving it back finds out
    }
  }

  /** The thread was killed: until its tracer has seen its end, its parent does not. */
  private void collect() {
    while (ptrace.await(tid) == tid && !Ptrace.hasEnded(ptrace.status())) {
      ptrace.resume(tid, 0);
    }
  }

  private void awaitSyscallStop() throws TaskEndedException {
    while (true) {
      int status = await();
      if (Ptrace.event(status) == 0 && Ptrace.stopSignal(status) == SYSCALL_STOP) {
        return;
      }
      remember(status);
      ptrace.resumeToSyscall(tid);
    }
  }

  private boolean isOther(int status, int event) throws TaskEndedException {
    if (Ptrace.event(status) == event) {
      return false;
    }
    remember(status);
    return true;
  }

  private int await() throws TaskEndedException {
    int result = ptrace.await(tid);
    if (result < 0) {
      throw new TaskEndedException(tid, 9);
    }
    if (Ptrace.hasEnded(ptrace.status())) {
      throw new TaskEndedException(tid, ptrace.status());
    }
    return ptrace.status();
  }

  /**
   * A stop signal cannot be blocked; it is sent again at the end. Neither can what a fault raises:
   * the code that is run is not there any more, and a thread that goes on would only fault again.
   */
  private void remember(int status) throws TaskEndedException {
    if (Ptrace.event(status) != 0 || Ptrace.stopSignal(status) == SYSCALL_STOP) {
      return;
    }
    int signal = Ptrace.stopSignal(status);
    if ((FAULTS & 1L << signal) != 0) {
      ProcessKiller.kill(tid);
      throw new TaskEndedException(tid, signal);
    }
    pendingStop = signal;
  }
}
