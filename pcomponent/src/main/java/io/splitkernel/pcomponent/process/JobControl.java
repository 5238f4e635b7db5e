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
  private static final long SYS_OPEN = 2;
  private static final long SYS_READ = 0;
  private static final long SYS_KILL = 62;
  private static final long SYS_FCNTL = 72;
  private static final long SYS_GETSID = 124;
  private static final long SYS_RT_SIGQUEUEINFO = 129;
  private static final long SYS_PIPE2 = 293;
  private static final long SYS_GETPID = 39;
  private static final long F_SETPIPE_SZ = 1031;
  private static final long PIPE_BYTES = 1 << 20;
  private static final int SIGHUP = 1;
  private static final int SIGINT = 2;
  private static final int SIGQUIT = 3;
  private static final int SIGCHLD = 17;
  private static final int SIGCONT = 18;
  private static final int SIGSTOP = 19;
  private static final int SIGTSTP = 20;
  private static final int SIGTTOU = 22;
  private static final int SIGXCPU = 24;
  private static final int SIGWINCH = 28;
  private static final int SI_TKILL = -6;

  private final int readEnd;
  private final int writeEnd;
  private final boolean terminal = Files.isReadable(Path.of("/dev/tty")) && hasTerminal();
  private final Suspension suspension;
  private volatile int program;
  private volatile int keeper;

  JobControl() {
    this(Suspension.NONE);
  }

  JobControl(Suspension suspension) {
    this.suspension = suspension;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ends = arena.allocate(8, 4);
      Syscall.call(SYS_PIPE2, ends.address(), 0x80800, 0); // O_CLOEXEC | O_NONBLOCK
      readEnd = ends.get(ValueLayout.JAVA_INT, 0);
      writeEnd = ends.get(ValueLayout.JAVA_INT, 4);
      // real-time signals are queued, each of them; where the limit is lower, fewer are
      Syscall.call(SYS_FCNTL, writeEnd, F_SETPIPE_SZ, PIPE_BYTES);
    }
  }

  /** Starts relaying to a program. */
  void start(int pid) {
    start(pid, 0);
  }

  /** Starts relaying to a program whose keeper continues this process when the program is. */
  void start(int pid, int keeperPid) {
    program = pid;
    keeper = keeperPid;
    SignalRelay.start(writeEnd);
    Thread.ofPlatform().daemon().name("lego-signals").start(this::relay);
  }

  private void relay() {
    SignalRelay.unblockAll();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = arena.allocate(SignalRelay.RECORD_BYTES, 8);
      while (program != 0) {
        FileDescriptor.awaitReadable(readEnd, 1_000_000_000L);
        while (program != 0
            && Syscall.call(SYS_READ, readEnd, info.address(), SignalRelay.RECORD_BYTES)
                == SignalRelay.RECORD_BYTES) {
          onSignal(info);
        }
      }
    }
  }

  private void onSignal(MemorySegment info) {
    int signal = info.get(ValueLayout.JAVA_INT, 0);
    int code = info.get(ValueLayout.JAVA_INT, 8);
    int sender = info.get(ValueLayout.JAVA_INT, 16);
    int pid = program;
    if (pid == 0 || (code > 0 ? isOnlyForThisProcess(signal) : isFromKeeper(signal, sender))) {
      return;
    }
    if (code < 0 && code != SI_TKILL) {
      Syscall.call(SYS_RT_SIGQUEUEINFO, pid, signal, info.address()); // with its value
    } else {
      Syscall.call(SYS_KILL, pid, signal, 0);
    }
  }

  /** Of what the kernel sends: the terminal's goes to the program as well, by itself. */
  private boolean isOnlyForThisProcess(int signal) {
    return switch (signal) {
      case SIGHUP -> !leadsSession(); // to the leader alone, when the terminal is gone
      case SIGWINCH -> terminal;
      case SIGINT, SIGQUIT, SIGCHLD, SIGXCPU -> true;
      default -> signal >= SIGTSTP && signal <= SIGTTOU;
    };
  }

  private static boolean leadsSession() {
    return Syscall.call(SYS_GETSID, 0, 0, 0) == Syscall.call(SYS_GETPID, 0, 0, 0);
  }

  private boolean isFromKeeper(int signal, int sender) {
    return signal == SIGCONT && sender == keeper && sender != 0;
  }

  /** The program is in a group stop: with a terminal this process stops as well. */
  void onProgramStopped() {
    onProgramStopped(SIGSTOP);
  }

  /** The program was stopped by a signal: with a terminal this process stops by the same. */
  void onProgramStopped(int signal) {
    if (terminal) {
      suspension.suspend();
      SignalRelay.stopBy(signal >= SIGTSTP && signal <= SIGTTOU ? signal : SIGSTOP);
      suspension.resume();
    }
  }

  /** The program has ended; nothing is relayed any more. */
  void onProgramEnded() {
    program = 0;
  }

  private static boolean hasTerminal() {
    try (Arena arena = Arena.ofConfined()) {
      long fd = Syscall.call(SYS_OPEN, arena.allocateFrom("/dev/tty").address(), 0x80100, 0);
      FileDescriptor.close((int) fd);
      return fd >= 0;
    }
  }

  @Override
  public void close() {
    program = 0;
  }
}
