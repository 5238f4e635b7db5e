package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.SignalRelay;
import io.splitkernel.ffi.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes this process look like the program to whoever started it: signals that somebody sends to it
 * go to the program (those of the terminal reach the program by themselves), and when the program
 * stops, this process stops too, so that a shell sees it.
 */
final class JobControl implements AutoCloseable {
  private static final long SYS_READ = 0;
  private static final long SYS_KILL = 62;
  private static final long SYS_PIPE2 = 293;
  private static final long SYS_GETPID = 39;
  private static final int SIGSTOP = 19;
  private static final int SIGCONT = 18;
  private static final int SIGTSTP = 20;
  private static final int SIGTTOU = 22;
  private static final int SIGWINCH = 28;
  private static final int RECORD_BYTES = 8;

  private final int readEnd;
  private final int writeEnd;
  private final boolean terminal = Files.isReadable(Path.of("/dev/tty")) && hasTerminal();
  private volatile int program;

  JobControl() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ends = arena.allocate(8, 4);
      Syscall.call(SYS_PIPE2, ends.address(), 0x80800, 0); // O_CLOEXEC | O_NONBLOCK
      readEnd = ends.get(ValueLayout.JAVA_INT, 0);
      writeEnd = ends.get(ValueLayout.JAVA_INT, 4);
    }
  }

  /** Starts relaying to a program. */
  void start(int pid) {
    program = pid;
    SignalRelay.start(writeEnd);
    Thread.ofPlatform().daemon().name("lego-signals").start(this::relay);
  }

  private void relay() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment record = arena.allocate(RECORD_BYTES, 4);
      while (program != 0) {
        FileDescriptor.awaitReadable(readEnd, 1_000_000_000L);
        while (program != 0
            && Syscall.call(SYS_READ, readEnd, record.address(), RECORD_BYTES) == RECORD_BYTES) {
          onSignal(record.get(ValueLayout.JAVA_INT, 0), record.get(ValueLayout.JAVA_INT, 4));
        }
      }
    }
  }

  private void onSignal(int signal, int code) {
    boolean fromTerminal = code > 0;
    boolean stopsThisProcess = signal >= SIGTSTP && signal <= SIGTTOU;
    if (fromTerminal && (signal != SIGWINCH || terminal) && signal != SIGCONT) {
      return;
    }
    if (stopsThisProcess && fromTerminal) {
      return;
    }
    int pid = program;
    if (pid != 0) {
      Syscall.call(SYS_KILL, pid, signal, 0);
    }
  }

  /** The program is in a group stop: with a terminal this process stops as well. Tracer thread. */
  void onProgramStopped() {
    if (terminal) {
      Syscall.call(SYS_KILL, Syscall.call(SYS_GETPID, 0, 0, 0), SIGSTOP, 0);
    }
  }

  /** The program has ended; nothing is relayed any more. */
  void onProgramEnded() {
    program = 0;
  }

  private static boolean hasTerminal() {
    try (Arena arena = Arena.ofConfined()) {
      long fd = Syscall.call(2, arena.allocateFrom("/dev/tty").address(), 0x80100, 0);
      FileDescriptor.close((int) fd);
      return fd >= 0;
    }
  }

  @Override
  public void close() {
    program = 0;
  }
}
