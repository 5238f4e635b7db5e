package io.splitkernel.pcomponent.process;

import java.util.List;

/**
 * How a program ended.
 *
 * @param exitStatus its own status, or 128 plus the signal that ended it.
 * @param cause who ended it.
 * @param reason one line when Lego had to end it, else null.
 * @param notes lines for whoever started it: what its core dumps lack.
 */
public record ProgramEnd(int exitStatus, Cause cause, String reason, List<String> notes) {
  /** Who ended a program. */
  public enum Cause {
    /** The program itself, or somebody's signal. */
    PROGRAM,
    /** It needed more memory than there is. */
    OUT_OF_MEMORY,
    /** Lego could not go on: a component was lost, or supervision failed. */
    LEGO
  }
}
