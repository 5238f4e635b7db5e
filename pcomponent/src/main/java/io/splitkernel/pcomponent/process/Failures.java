package io.splitkernel.pcomponent.process;

import java.util.List;

/** Why Lego had to end the program, if it had to; the first reason counts. Any thread. */
final class Failures {
  private ProgramEnd.Cause cause = ProgramEnd.Cause.PROGRAM;
  private String reason;
  private final Runnable endFamily;

  /**
   * @param endFamily kills the program and all its descendants.
   */
  Failures(Runnable endFamily) {
    this.endFamily = endFamily;
  }

  /** Lego could not go on. */
  void lego(String why) {
    set(ProgramEnd.Cause.LEGO, why);
  }

  /** Lego could not go on, and the whole family must end. */
  void fatal(String why) {
    lego(why);
    endFamily.run();
  }

  /** The program needed more memory than there is. */
  void outOfMemory(String why) {
    set(ProgramEnd.Cause.OUT_OF_MEMORY, why);
  }

  private synchronized void set(ProgramEnd.Cause what, String why) {
    if (reason == null) {
      cause = what;
      reason = why;
    }
  }

  /** How a program with this exit status has ended, and what else there is to tell. */
  synchronized ProgramEnd end(int exitStatus, List<String> notes) {
    return new ProgramEnd(exitStatus, cause, reason, notes);
  }
}
