package io.splitkernel.launcher;

/**
 * A command cannot go on. The message is the one line that the user sees: what failed, with which
 * arguments, why, and what would cure it.
 */
public final class LegoFailure extends Exception {
  private static final long serialVersionUID = 1L;

  /** Exit status of a failure of Lego itself. */
  public static final int FAILURE = 1;

  /** Exit status of wrong usage. */
  public static final int USAGE = 2;

  /** Exit status of {@code run} when Lego failed, not the program. */
  public static final int RUN_FAILURE = 125;

  private final int exitStatus;

  /**
   * @param exitStatus for the shell, 1 to 255.
   * @param message one line.
   */
  public LegoFailure(int exitStatus, String message) {
    super(message);
    this.exitStatus = exitStatus;
  }

  /**
   * @param exitStatus for the shell, 1 to 255.
   * @param message one line.
   * @param cause what was thrown below.
   */
  public LegoFailure(int exitStatus, String message, Throwable cause) {
    super(message, cause);
    this.exitStatus = exitStatus;
  }

  /**
   * What the process answers to its shell.
   *
   * @return 1 to 255.
   */
  public int exitStatus() {
    return exitStatus;
  }
}
