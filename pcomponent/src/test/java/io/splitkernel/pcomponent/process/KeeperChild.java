package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Syscall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A process that starts a program by a {@link FamilyKeeper} and waits to be killed. The program is
 * given the read end of a pipe, as its last argument; only this process has the write end.
 */
public final class KeeperChild {
  private static final long SYS_PIPE = 22;
  private static final long SYS_FCNTL = 72;
  private static final long F_SETFD = 2;

  private KeeperChild() {}

  /**
   * Runs until it is killed.
   *
   * @param args the program and its arguments.
   */
  public static void main(String[] args) throws IOException {
    List<byte[]> argv = new ArrayList<>();
    for (String arg : args) {
      argv.add(arg.getBytes(StandardCharsets.UTF_8));
    }
    argv.add(Integer.toString(pipe()).getBytes(StandardCharsets.UTF_8));
    FamilyKeeper keeper = FamilyKeeper.start();
    List<byte[]> environment = List.of("PATH=/usr/bin:/bin".getBytes(StandardCharsets.UTF_8));
    int pid = keeper.spawn(args[0], argv, environment, Inherited.ofThisProcess());
    System.out.println(keeper.guardPid() + " " + keeper.pid() + " " + pid);
    while (true) {
      System.out.println(keeper.nextEvent(Long.MAX_VALUE));
    }
  }

  private static int pipe() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ends = arena.allocate(8, 4);
      Syscall.call(SYS_PIPE, ends.address(), 0, 0);
      Syscall.call(SYS_FCNTL, ends.get(ValueLayout.JAVA_INT, 4), F_SETFD, 1);
      return ends.get(ValueLayout.JAVA_INT, 0);
    }
  }
}
