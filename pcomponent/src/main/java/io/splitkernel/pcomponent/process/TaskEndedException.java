package io.splitkernel.pcomponent.process;

/** The borrowed thread died (it was killed); its wait status goes along. */
final class TaskEndedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int tid;
  private final int status;

  TaskEndedException(int tid, int status) {
    super("thread " + tid + " ended", null, false, false);
    this.tid = tid;
    this.status = status;
  }

  int tid() {
    return tid;
  }

  int status() {
    return status;
  }
}
