package io.splitkernel.pcomponent.process;

/** Why Lego had to end the program, if it had to; the first reason counts. Any thread. */
final class Failures {
  private ProgramEnd.Cause cause = ProgramEnd.Cause.PROGRAM;
  private String reason;

  /** Lego could not go on. */
  void lego(String why) {
    set(ProgramEnd.Cause.LEGO, why);
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

  /** How a program with this exit status has ended. */
  synchronized ProgramEnd end(int exitStatus) {
    return new ProgramEnd(exitStatus, cause, reason);
  }
}
