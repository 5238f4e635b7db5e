package io.splitkernel.launcher;

import io.splitkernel.launcher.command.CommandLines;
import io.splitkernel.launcher.logging.Logging;

/** Where the JVM starts. */
public final class Lego {
  private Lego() {}

  /**
   * Runs one command and ends the process with its exit status.
   *
   * @param arguments of the command line.
   */
  public static void main(String[] arguments) {
    Logging.takeUncaught();
    System.exit(CommandLines.execute(arguments));
  }
}
