package io.splitkernel.launcher.command;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * {@code lego train}: a short walk through what starts often, for the build to record in the JVM's
 * ahead-of-time cache. Not for users.
 */
@Command(name = "train", hidden = true)
final class TrainCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    CommandLine line = CommandLines.create();
    line.execute("config");
    line.execute("doctor");
    return line.execute("run", "--cache", "16m", "--stats", "--json", "/dev/null", "--", "true");
  }
}
