package io.splitkernel.launcher.program;

import io.splitkernel.launcher.LegoFailure;

/** Runs programs under a processor component in this process. */
public final class SupervisedPrograms implements ProgramHost {
  @Override
  public ProgramOutcome run(ProgramRequest request) throws LegoFailure {
    throw new LegoFailure(
        LegoFailure.RUN_FAILURE, "this build has no processor component yet: " + request.monitor());
  }
}
