package io.splitkernel.pcomponent.process;

/** Why Lego had to end the program, if it had to; the first reason counts. Any thread. */
final class Failures {
  private String reason;
  private boolean outOfMemory;

  /** Something of Lego's own failed. */
  synchronized void lego(String why) {
    if (reason == null) {
      reason = why;
    }
  }

  /** The program needed more memory than there is. */
  synchronized void outOfMemory(String why) {
    if (reason == null) {
      reason = why;
      outOfMemory = true;
    }
  }

  synchronized String reason() {
    return reason;
  }

  synchronized boolean isOutOfMemory() {
    return outOfMemory;
  }
}
