package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.ProcessVm;
import io.splitkernel.ffi.Ptrace;
import io.splitkernel.ffi.RawMemory;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Stops a thread wherever it is, so that it can be borrowed, and lets go of threads that did not
 * come, or came for another reason. The program notices neither, see {@link InterruptibleCalls}.
 * One instance belongs to one OS thread.
 */
final class Interruption implements AutoCloseable {
  private static final int SIGTRAP = 5;
  private static final int CALL_STOP = SIGTRAP | 0x80;
  private static final long WAIT_NS = 100_000_000L;
  private static final long LOOK_NS = 200_000L;
  private static final int RSEQ_CS = 8;
  private static final int RSEQ_CS_BYTES = 32;

  private final Ptrace ptrace;
  private final Registers registers;
  private final ProcessVm memory = new ProcessVm(RSEQ_CS_BYTES);
  private final Set<Integer> traced;
  private final Set<Integer> late = new HashSet<>();
  private final Map<Integer, CutCall> cut = new HashMap<>();

  /**
   * @param traced where it notes the threads that it traces, for other threads to know.
   */
  Interruption(Arena arena, Set<Integer> traced) {
    this.ptrace = new Ptrace(arena);
    this.registers = new Registers(arena);
    this.traced = traced;
  }

  /**
   * Begins to trace a thread, and stops it where signals are delivered.
   *
   * @param hurry whether somebody waits, so that it is not the time for this.
   * @return false when that is not possible now. Then it runs on, or will ({@link #letGoLate}).
   */
  boolean stop(int tid, BooleanSupplier hurry) {
    traced.add(tid);
    if (ptrace.seize(tid, Injection.OPTIONS) < 0) {
      traced.remove(tid);
      return false;
    }
    ptrace.interrupt(tid);
    long until = System.nanoTime() + WAIT_NS;
    int result;
    while ((result = ptrace.poll(tid)) == 0) {
      if (hurry.getAsBoolean() || System.nanoTime() - until > 0) {
        late.add(tid);
        return false;
      }
      LockSupport.parkNanos(LOOK_NS);
    }
    if (result == tid && isInterrupted() && mayBorrow(tid)) {
      return true;
    }
    letGoStopped(tid, result);
    return false;
  }

  /** Stopped by us alone, not by a signal or with its whole process. */
  private boolean isInterrupted() {
    int status = ptrace.status();
    return Ptrace.event(status) == Ptrace.EVENT_STOP && Ptrace.stopSignal(status) == SIGTRAP;
  }

  private boolean mayBorrow(int tid) {
    return ptrace.readRegisters(tid, registers.segment()) >= 0
        && registers.is64Bit()
        && (registers.number() >= 0 || !isInSequence(tid));
  }

  /**
   * Whether a thread is within a restartable sequence (rseq(2)): the kernel would not see that it
   * was broken off, when the thread runs something else in between.
   */
  private boolean isInSequence(int tid) {
    long area = ptrace.rseqArea(tid);
    if (area == 0) {
      return false;
    }
    if (memory.read(tid, area + RSEQ_CS, Long.BYTES) != Long.BYTES) {
      return true; // not known
    }
    long sequence = RawMemory.getLong(memory.address());
    if (sequence == 0) {
      return false;
    }
    if (memory.read(tid, sequence, RSEQ_CS_BYTES) != RSEQ_CS_BYTES) {
      return true;
    }
    long offset = registers.rip() - RawMemory.getLong(memory.address() + 8);
    return Long.compareUnsigned(offset, RawMemory.getLong(memory.address() + 16)) < 0;
  }

  /** Lets go of the thread that was stopped, and is again where it was then. */
  void over(int tid) {
    letGo(tid, 0);
  }

  /** Whether there are threads that were asked to stop and have not, or that have not done yet. */
  boolean hasLate() {
    return !late.isEmpty() || !cut.isEmpty();
  }

  /** Lets go of threads that have stopped too late, and sees to cut calls. */
  void letGoLate() {
    for (CutCall call : List.copyOf(cut.values())) {
      int result = ptrace.poll(call.tid());
      if (result != 0) {
        onCutCall(call, result);
      }
    }
    for (int tid : List.copyOf(late)) {
      int result = ptrace.poll(tid);
      if (result != 0) {
        late.remove(tid);
        letGoStopped(tid, result);
      }
    }
  }

  private void onCutCall(CutCall call, int result) {
    int tid = call.tid();
    boolean lives = result == tid && !Ptrace.hasEnded(ptrace.status());
    int signal = lives ? signalOf(ptrace.status()) : 0;
    if (lives && signal == CALL_STOP && call.onCallStop(ptrace)) {
      return;
    }
    cut.remove(tid);
    if (lives) {
      call.end(ptrace);
      detach(tid, signal == CALL_STOP ? 0 : signal);
    } else {
      traced.remove(tid);
    }
  }

  private static int signalOf(int status) {
    return Ptrace.event(status) == 0 ? Ptrace.stopSignal(status) : 0;
  }

  private void letGoStopped(int tid, int result) {
    if (result == tid && !Ptrace.hasEnded(ptrace.status())) {
      letGo(tid, signalOf(ptrace.status()));
    } else {
      traced.remove(tid);
    }
  }

  private void letGo(int tid, int signal) {
    if (ptrace.readRegisters(tid, registers.segment()) >= 0) {
      if (InterruptibleCalls.mend(registers)) {
        ptrace.writeRegisters(tid, registers.segment());
      }
      CutCall call = new CutCall(tid, registers, memory);
      if (signal == 0 && registers.number() >= 0 && call.begin(ptrace)) {
        cut.put(tid, call);
        return;
      }
    }
    detach(tid, signal);
  }

  private void detach(int tid, int signal) {
    if (ptrace.detach(tid, signal) < 0) { // killed meanwhile
      late.add(tid);
    } else {
      traced.remove(tid);
    }
  }

  @Override
  public void close() {
    memory.close();
  }
}
