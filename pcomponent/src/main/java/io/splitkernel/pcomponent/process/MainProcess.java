package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The program itself, a child of this process: waits for its stops and its end. */
final class MainProcess {
  private static final long SYS_WAIT4 = 61;
  /** Also its stops, but not those for other threads, which trace it. */
  private static final long OPTIONS = 2 | 0x20000000L;

  private final int pid;
  private final JobControl jobControl;

  MainProcess(int pid, JobControl jobControl) {
    this.pid = pid;
    this.jobControl = jobControl;
  }

  /** Waits for the end; its exit status as a shell has it. */
  int awaitEnd() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment word = arena.allocate(8, 8);
      while (true) {
        long result = Syscall.call(SYS_WAIT4, pid, word.address(), OPTIONS, 0, 0, 0);
        int status = word.get(ValueLayout.JAVA_INT, 0);
        if (result == pid && (status & 0xff) == 0x7f) {
          jobControl.onProgramStopped();
        } else if (result == pid) {
          return (status & 0x7f) == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f);
        } else if (result != -4) {
          return 125;
        }
      }
    }
  }
}
