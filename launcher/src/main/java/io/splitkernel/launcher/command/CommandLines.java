package io.splitkernel.launcher.command;

import io.splitkernel.launcher.LegoFailure;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Builds the command line and decides how failures look: one line on stderr and a status. */
public final class CommandLines {
  private CommandLines() {}

  /**
   * Parses and runs one command.
   *
   * @param arguments of the command line.
   * @return exit status for the shell.
   */
  public static int execute(String[] arguments) {
    try {
      return create(arguments).execute(arguments);
    } catch (LinkageError | AssertionError | OutOfMemoryError e) {
      print("lego: " + e + "; LEGO_DEBUG=1 prints where");
      if (debugging()) {
        e.printStackTrace(System.err);
      }
      return failureStatus(arguments.length > 0 ? arguments[0] : "");
    }
  }

  /**
   * The command tree.
   *
   * @param words a command line: when it names a command the tree has only that; none for all.
   * @return a fresh one.
   */
  public static CommandLine create(String... words) {
    CommandLine line = CommandTree.of(words);
    line.setExpandAtFiles(false);
    line.setStopAtPositional(false);
    line.setUsageHelpAutoWidth(false);
    line.setUsageHelpWidth(100);
    line.getSubcommands().forEach(CommandLines::stopAtProgram);
    line.setParameterExceptionHandler(CommandLines::onWrongUsage);
    line.setExecutionExceptionHandler(CommandLines::onFailure);
    return line;
  }

  private static void stopAtProgram(String name, CommandLine command) {
    if (name.equals("run") || name.equals("pcomponent")) {
      command.setStopAtPositional(true);
    }
  }

  private static int onWrongUsage(ParameterException wrong, String[] arguments) {
    CommandLine command = wrong.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    String message = wrong.getMessage();
    if (wrong instanceof UnmatchedArgumentException unmatched) {
      message = "unknown argument '" + unmatched.getUnmatched().getFirst() + "'";
    }
    print(name + ": " + message + "; see '" + name + " --help'");
    return LegoFailure.USAGE;
  }

  private static int onFailure(Exception failure, CommandLine command, ParseResult parsed) {
    String name = command.getCommandSpec().qualifiedName();
    if (failure instanceof LegoFailure known) {
      print(name + ": " + known.getMessage());
      return known.exitStatus();
    }
    print(name + ": " + describe(failure));
    if (debugging()) {
      failure.printStackTrace(System.err);
    }
    return failureStatus(command.getCommandName());
  }

  private static int failureStatus(String command) {
    boolean runs = command.equals("run") || command.equals("pcomponent");
    return runs ? LegoFailure.RUN_FAILURE : LegoFailure.FAILURE;
  }

  private static boolean debugging() {
    return System.getenv("LEGO_DEBUG") != null;
  }

  private static String describe(Exception failure) {
    String message = failure.getMessage();
    return message == null || message.isBlank()
        ? failure + " (a bug; LEGO_DEBUG=1 prints where)"
        : message;
  }

  private static void print(String line) {
    System.err.println(line.replace('\n', ' '));
  }
}
