package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.ProcessVm;
import io.splitkernel.ffi.Ptrace;
import io.splitkernel.ffi.RawMemory;
import java.lang.foreign.Arena;

/**
 * A call that moves bytes, and had moved a part of them when a tracer's interrupt ended it: the
 * thread moves the rest by more calls at the same place, traced for so long, and sees one answer.
 * What cuts these short, too, is what cuts such a call short natively. Belongs to the tracer's
 * thread.
 */
final class CutCall {
  private static final long SYSCALL_BYTES = 2;
  private static final int WRITE = 1;
  private static final int WRITEV = 20;
  private static final int SENDFILE = 40;
  private static final int SENDTO = 44;
  private static final int RECVFROM = 45;
  private static final int GETRANDOM = 318;
  private static final long MSG_WAITALL = 0x100;
  private static final int SEGMENT_BYTES = 16;

  private final int tid;
  private final ProcessVm memory;
  private final Registers original = new Registers(Arena.ofAuto());
  private final Registers rest = new Registers(Arena.ofAuto());
  private long doneBytes;
  private boolean entered;

  /**
   * @param registers of the stopped thread.
   * @param memory reads {@link #SEGMENT_BYTES} at least.
   */
  CutCall(int tid, Registers registers, ProcessVm memory) {
    this.tid = tid;
    this.memory = memory;
    original.copyFrom(registers);
    doneBytes = registers.rax();
  }

  int tid() {
    return tid;
  }

  /** Makes the thread begin with the rest; false when there is none. */
  boolean begin(Ptrace ptrace) {
    if (doneBytes <= 0 || !original.is64Bit() || !prepare()) {
      return false;
    }
    entered = false;
    return ptrace.writeRegisters(tid, rest.segment()) >= 0 && ptrace.resumeToSyscall(tid) >= 0;
  }

  /**
   * The thread has stopped before or after a call.
   *
   * @return whether it goes on; otherwise {@link #end} is due.
   */
  boolean onCallStop(Ptrace ptrace) {
    if (!entered) {
      entered = true;
      return ptrace.resumeToSyscall(tid) >= 0;
    }
    if (ptrace.readRegisters(tid, rest.segment()) < 0 || rest.rax() <= 0) {
      return false;
    }
    doneBytes += rest.rax();
    return begin(ptrace);
  }

  /** Gives the stopped thread the answer. */
  void end(Ptrace ptrace) {
    original.rax(doneBytes);
    ptrace.writeRegisters(tid, original.segment());
  }

  private boolean prepare() {
    long[] a = new long[6];
    for (int i = 0; i < a.length; i++) {
      a[i] = original.argument(i);
    }
    int number = (int) original.number();
    boolean more =
        switch (number) {
          case WRITE -> isStream(a) && advance(a, 1, 2);
          case WRITEV -> isStream(a) && nextSegment(a);
          case SENDTO -> advance(a, 1, 2);
          case SENDFILE -> isStream(a) && shorten(a, 3);
          case RECVFROM -> (a[3] & MSG_WAITALL) != 0 && advance(a, 1, 2);
          case GETRANDOM -> advance(a, 0, 1);
          default -> false;
        };
    rest.copyFrom(original);
    rest.rip(original.rip() - SYSCALL_BYTES)
        .rax(number == WRITEV ? WRITE : number)
        .arguments(a)
        .outsideCall();
    return more;
  }

  /** Others take all at once, or what they can. */
  private boolean isStream(long[] arguments) {
    return InterruptibleCalls.isStream(tid, (int) arguments[0]);
  }

  private boolean advance(long[] arguments, int address, int bytes) {
    arguments[address] += doneBytes;
    return shorten(arguments, bytes);
  }

  private boolean shorten(long[] arguments, int bytes) {
    arguments[bytes] -= doneBytes;
    return arguments[bytes] > 0;
  }

  /** What is left of the segment that has been begun, or the next one. */
  private boolean nextSegment(long[] arguments) {
    long skip = doneBytes;
    for (int i = 0; i < arguments[2]; i++) {
      long at = arguments[1] + (long) i * SEGMENT_BYTES;
      if (memory.read(tid, at, SEGMENT_BYTES) != SEGMENT_BYTES) {
        return false;
      }
      long bytes = RawMemory.getLong(memory.address() + 8);
      if (bytes > skip) {
        arguments[1] = RawMemory.getLong(memory.address()) + skip;
        arguments[2] = bytes - skip;
        return true;
      }
      skip -= bytes;
    }
    return false;
  }
}
