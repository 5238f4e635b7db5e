package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Syscall;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;

/**
 * Reaps programs whose own parent ended first: they are reparented to this process, which is the
 * family's subreaper. Belongs to the tracer.
 */
final class OrphanReaper {
  private static final long SYS_WAIT4 = 61;
  private static final long SYS_PRCTL = 157;
  private static final long PR_SET_CHILD_SUBREAPER = 36;
  private static final long WNOHANG_ALL = 1 | 0x40000000L;

  private final Set<Integer> expected = new HashSet<>();

  /** Makes this process the one that orphans of the family are handed to. */
  static void adoptOrphans() {
    Syscall.call(SYS_PRCTL, PR_SET_CHILD_SUBREAPER, 1, 0);
  }

  /** A process has ended: its zombie children, and perhaps itself, may be ours now. */
  void onProcessEnded(int pid) {
    expected.add(pid);
    reapAll();
  }

  /** Reaps what can be reaped now and forgets what has been reaped by others. */
  void reapAll() {
    for (Iterator<Integer> it = expected.iterator(); it.hasNext(); ) {
      int pid = it.next();
      long result = Syscall.call(SYS_WAIT4, pid, 0, WNOHANG_ALL);
      if (result == pid || (result < 0 && !exists(pid))) {
        it.remove();
      }
    }
  }

  private static boolean exists(int pid) {
    return Syscall.call(62, pid, 0, 0) == 0;
  }
}
