package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Layout;
import io.splitkernel.ffi.Ptrace;
import io.splitkernel.ffi.Syscall;
import java.lang.foreign.Arena;

/**
 * Runs code in a stopped thread and puts the thread back as it was: {@link #begin}, then any number
 * of {@link #syscall} and {@link #runToStop}, then {@link #end}. Signals are blocked meanwhile.
 * Belongs to the tracer, one at a time.
 */
final class Injection {
  private static final long SYS_TGKILL = 234;
  private static final int SIGTRAP = 5;
  private static final int SYSCALL_STOP = SIGTRAP | 0x80;
  private static final long BLOB = Layout.of("LEGO_BLOB_ADDRESS");
  private static final long BLOB_BYTES = Layout.of("LEGO_BLOB_BYTES");

  private final Ptrace ptrace;
  private final Registers saved;
  private final Registers working;
  private long savedMask;
  private int tid;
  private int pid;
  private int pendingStop;

  Injection(Ptrace ptrace, Arena arena) {
    this.ptrace = ptrace;
    this.saved = new Registers(arena);
    this.working = new Registers(arena);
  }

  void begin(int stoppedPid, int stoppedTid) {
    pid = stoppedPid;
    tid = stoppedTid;
    pendingStop = 0;
    ptrace.readRegisters(tid, saved.segment());
    savedMask = ptrace.signalMask(tid);
    ptrace.signalMask(tid, -1L);
  }

  boolean is32Bit() {
    return saved.is32Bit();
  }

  /** Leaves the system call that the thread is in, up to its exit stop. */
  void finishCall() throws TaskEndedException {
    ptrace.resumeToSyscall(tid);
    awaitSyscallStop();
    ptrace.readRegisters(tid, saved.segment());
  }

  /** Runs one system call at an address that holds a syscall instruction. */
  long syscall(long instruction, long number, long... arguments) throws TaskEndedException {
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

  /** Enters the blob's set-up routine and runs to its first stop. */
  void enterBlob(long operation, long window, long oldWindow) throws TaskEndedException {
    working.copyFrom(saved);
    working
        .outsideCall()
        .rip(BLOB)
        .rsp(BLOB + BLOB_BYTES - 72)
        .rax(0)
        .arguments(operation, window, oldWindow);
    ptrace.writeRegisters(tid, working.segment());
    runToStop();
  }

  /** Runs to the blob's next stop; its arguments are then in {@link #stopArgument}. */
  void runToStop() throws TaskEndedException {
    while (runToEvent() != Ptrace.EVENT_SECCOMP) {
      // a task that the blob was not expected to make
    }
    ptrace.readRegisters(tid, working.segment());
  }

  /**
   * Runs until the blob has made a task.
   *
   * @return the new task, which is about to stop, or 0 when the blob stopped without making one.
   */
  int runToNewTask() throws TaskEndedException {
    if (runToEvent() == Ptrace.EVENT_CLONE) {
      return (int) ptrace.eventMessage(tid);
    }
    ptrace.readRegisters(tid, working.segment());
    return 0;
  }

  private int runToEvent() throws TaskEndedException {
    while (true) {
      ptrace.resume(tid, 0);
      int status = await();
      int event = Ptrace.event(status);
      if (event == Ptrace.EVENT_SECCOMP || event == Ptrace.EVENT_CLONE) {
        return event;
      }
      remember(status);
    }
  }

  long stopArgument(int i) {
    return working.argument(i);
  }

  /** Restores registers and signal mask; the thread stays stopped. */
  void end() {
    saved.outsideCall();
    ptrace.writeRegisters(tid, saved.segment());
    ptrace.signalMask(tid, savedMask);
    if (pendingStop != 0) {
      Syscall.call(SYS_TGKILL, pid, tid, pendingStop);
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

  /** A stop signal cannot be blocked; it is sent again at the end. */
  private void remember(int status) {
    if (Ptrace.stopSignal(status) != SIGTRAP) {
      pendingStop = Ptrace.stopSignal(status);
    }
  }
}
