package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Syscall;

/** Sends signals to processes of the family. Any thread. */
final class ProcessKiller {
  private static final long SYS_KILL = 62;
  private static final long SIGKILL = 9;

  private ProcessKiller() {}

  static void kill(int pid) {
    Syscall.call(SYS_KILL, pid, SIGKILL, 0);
  }

  static boolean signal(int pid, int signal) {
    return Syscall.call(SYS_KILL, pid, signal, 0) == 0;
  }
}
