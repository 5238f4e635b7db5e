package io.splitkernel.launcher.program;

import io.splitkernel.launcher.LegoFailure;

/** Runs one program with its children on remote memory: the door to the processor component. */
public interface ProgramHost {
  /**
   * Runs it to its end. stdin, stdout, stderr and the signals of this process are the program's.
   *
   * @param request what to run, on what.
   * @return what is known at the end.
   * @throws LegoFailure when Lego, not the program, failed.
   */
  ProgramOutcome run(ProgramRequest request) throws LegoFailure;
}
