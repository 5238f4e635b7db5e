package io.splitkernel.pcomponent.process;

/**
 * A process (thread group) of the supervised family. {@link #space} is null before its first exec
 * and for what cannot be supervised (32-bit programs).
 */
final class TracedProcess {
  private final int pid;
  private final int parentPid;
  private volatile TracedSpace space;

  TracedProcess(int pid, int parentPid) {
    this.pid = pid;
    this.parentPid = parentPid;
  }

  int pid() {
    return pid;
  }

  int parentPid() {
    return parentPid;
  }

  TracedSpace space() {
    return space;
  }

  void space(TracedSpace current) {
    space = current;
  }
}
