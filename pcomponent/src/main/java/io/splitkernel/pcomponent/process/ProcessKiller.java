package io.splitkernel.pcomponent.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.splitkernel.ffi.Syscall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Sends signals to processes of the family. Any thread. */
final class ProcessKiller {
  private static final long SYS_KILL = 62;
  private static final long SIGKILL = 9;

  private ProcessKiller() {}

  static void kill(int pid) {
    Syscall.call(SYS_KILL, pid, SIGKILL, 0);
  }

  /** Whether a traced task or child has ended, collected or not; false for 0. */
  static boolean hasEnded(int tid) {
    if (tid == 0) {
      return false;
    }
    try {
      String stat = Files.readString(Path.of("/proc/" + tid + "/stat"), ISO_8859_1);
      return "ZX".indexOf(stat.charAt(stat.lastIndexOf(')') + 2)) >= 0;
    } catch (IOException e) {
      return true;
    }
  }

  static boolean signal(int pid, int signal) {
    return Syscall.call(SYS_KILL, pid, signal, 0) == 0;
  }
}
