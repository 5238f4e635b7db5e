package io.splitkernel.pcomponent.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.splitkernel.ffi.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * In which calls a waiting thread may be interrupted by a tracer so that the program does not
 * notice. The kernel makes most of them again by itself, with what was left of a timeout. Some
 * answer EINTR instead, whether a handler has run or not: {@link #mend} gives these the kernel's
 * word for "EINTR after a handler, else again". A timeout of theirs begins anew then, so threads
 * that wait with one are left alone, and so are those that could have done a part of their call.
 */
final class InterruptibleCalls {
  private static final int RESTART_NO_HANDLER = -514;
  private static final int MODE_TYPE = 0170000;
  private static final int MODE_FIFO = 0010000;
  private static final int MODE_SOCKET = 0140000;
  private static final long MSG_WAITALL = 0x100;

  private static final int READ = 0;
  private static final int POLL = 7;
  private static final int READV = 19;
  private static final int SELECT = 23;
  private static final int PAUSE = 34;
  private static final int NANOSLEEP = 35;
  private static final int ACCEPT = 43;
  private static final int RECVFROM = 45;
  private static final int RECVMSG = 47;
  private static final int WAIT4 = 61;
  private static final int SEMOP = 65;
  private static final int MSGRCV = 70;
  private static final int FCNTL = 72;
  private static final int FLOCK = 73;
  private static final int RT_SIGTIMEDWAIT = 128;
  private static final int RT_SIGSUSPEND = 130;
  private static final int FUTEX = 202;
  private static final int RESTART_SYSCALL = 219;
  private static final int SEMTIMEDOP = 220;
  private static final int CLOCK_NANOSLEEP = 230;
  private static final int EPOLL_WAIT = 232;
  private static final int MQ_TIMEDSEND = 242;
  private static final int MQ_TIMEDRECEIVE = 243;
  private static final int WAITID = 247;
  private static final int PSELECT6 = 270;
  private static final int PPOLL = 271;
  private static final int EPOLL_PWAIT = 281;
  private static final int ACCEPT4 = 288;
  private static final int EPOLL_PWAIT2 = 441;
  private static final int FUTEX_WAITV = 449;
  private static final int FUTEX_WAIT = 455;

  private InterruptibleCalls() {}

  /** Whether a thread computes, or waits in a call that may be interrupted. */
  static boolean mayStop(int tid) {
    try {
      String stat = text(tid, "stat");
      char state = stat.charAt(stat.lastIndexOf(')') + 2);
      return (state == 'R' || state == 'S') && mayStop(tid, text(tid, "syscall"));
    } catch (IOException e) {
      return false; // it is gone
    }
  }

  private static String text(int tid, String file) throws IOException {
    return new String(Files.readAllBytes(Path.of("/proc/" + tid + "/" + file)), ISO_8859_1);
  }

  /**
   * The same.
   *
   * @param syscall what {@code /proc/TID/syscall} says: that it runs, or number and arguments.
   */
  static boolean mayStop(int tid, String syscall) {
    String[] fields = syscall.trim().split(" ");
    if ("running".equals(fields[0])) {
      return true;
    }
    int number = Integer.parseInt(fields[0]);
    if (number < 0) { // not in a call: in a page fault, for example
      return true;
    }
    long[] arguments = new long[6];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = Long.parseUnsignedLong(fields[i + 1].substring(2), 16);
    }
    return mayStop(tid, number, arguments);
  }

  private static boolean mayStop(int tid, int number, long[] arguments) {
    return switch (number) {
      case POLL, SELECT, PAUSE, NANOSLEEP, ACCEPT, WAIT4, SEMOP, MSGRCV, FCNTL, FLOCK -> true;
      case RT_SIGSUSPEND, FUTEX, RESTART_SYSCALL, CLOCK_NANOSLEEP -> true;
      case MQ_TIMEDSEND, MQ_TIMEDRECEIVE, WAITID, PSELECT6, PPOLL, ACCEPT4 -> true;
      case FUTEX_WAITV, FUTEX_WAIT -> true;
      case READ, READV -> isStream(tid, (int) arguments[0]);
      case RECVFROM -> (arguments[3] & MSG_WAITALL) == 0;
      case RECVMSG -> (arguments[2] & MSG_WAITALL) == 0;
      case EPOLL_WAIT, EPOLL_PWAIT -> (int) arguments[3] < 0;
      case EPOLL_PWAIT2, SEMTIMEDOP -> arguments[3] == 0;
      case RT_SIGTIMEDWAIT -> arguments[2] == 0;
      default -> false;
    };
  }

  /**
   * Whether it is a pipe, a socket, or one of the kernel's own. A read of these that waits has
   * nothing yet; not so with terminals and users' file systems.
   */
  static boolean isStream(int tid, int fd) {
    Path path = Path.of("/proc/" + tid + "/fd/" + fd);
    try {
      int type = (int) Files.getAttribute(path, "unix:mode") & MODE_TYPE;
      return type == MODE_FIFO
          || type == MODE_SOCKET
          || Files.readSymbolicLink(path).toString().startsWith("anon_inode:");
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Mends the answer of a thread that is stopped where signals are delivered. It is right whether a
   * signal has come as well or not.
   *
   * @return whether the registers have changed.
   */
  static boolean mend(Registers registers) {
    if (registers.rax() != -Errno.EINTR) {
      return false;
    }
    boolean never =
        switch ((int) registers.number()) {
          case EPOLL_WAIT, EPOLL_PWAIT, EPOLL_PWAIT2, SEMOP, SEMTIMEDOP, RT_SIGTIMEDWAIT -> true;
          case READ, READV, RECVFROM, RECVMSG, ACCEPT, ACCEPT4 -> true; // SO_RCVTIMEO
          default -> false;
        };
    if (never) {
      registers.rax(RESTART_NO_HANDLER);
    }
    return never;
  }
}
