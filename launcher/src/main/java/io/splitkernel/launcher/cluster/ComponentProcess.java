package io.splitkernel.launcher.cluster;

import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.program.RawArguments;
import io.splitkernel.protocol.Secret;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A component in a process of its own, started by this one. */
final class ComponentProcess {
  private static final long END_MS = 2_000;

  private final String name;
  private final Process process;
  private final Path log;
  private final Thread errors;
  private volatile String lastLine = "it left no message";
  private final CompletableFuture<String> ready = new CompletableFuture<>();

  private ComponentProcess(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
    this.errors = Thread.ofPlatform().daemon().name("lego-log-" + name).unstarted(this::readErrors);
  }

  /**
   * Starts it. It says on its first line of stdout that it is ready.
   *
   * @param name for messages.
   * @param arguments of the lego command.
   * @param secret given in the environment, or null when the arguments name a file.
   * @param log where its stderr goes; null keeps only its last line, in this process.
   * @return the process, which may not be ready yet.
   * @throws LegoFailure when it cannot be started.
   */
  static ComponentProcess start(String name, List<String> arguments, String secret, Path log)
      throws LegoFailure {
    return start(name, arguments, secret, log, Redirect.from(new File("/dev/null")));
  }

  /**
   * Starts one that reads its stdin: a pipe whose other end this process alone holds, so that it
   * closes when this process ends.
   *
   * @param name for messages.
   * @param arguments of the lego command.
   * @return the process, which may not be ready yet; its last line on stderr is kept.
   * @throws LegoFailure when it cannot be started.
   */
  static ComponentProcess startTethered(String name, List<String> arguments) throws LegoFailure {
    return startTethered(name, arguments, null);
  }

  /**
   * The same, for a member of a cluster.
   *
   * @param name for messages.
   * @param arguments of the lego command.
   * @param secret given in the environment, or null.
   * @return the process, which may not be ready yet; its last line on stderr is kept.
   * @throws LegoFailure when it cannot be started.
   */
  static ComponentProcess startTethered(String name, List<String> arguments, String secret)
      throws LegoFailure {
    return start(name, arguments, secret, null, Redirect.PIPE);
  }

  private static ComponentProcess start(
      String name, List<String> arguments, String secret, Path log, Redirect input)
      throws LegoFailure {
    try {
      List<String> words = new ArrayList<>(SelfCommand.words());
      words.addAll(arguments);
      ProcessBuilder builder = new ProcessBuilder(words);
      builder.redirectInput(input);
      if (log != null) {
        builder.redirectError(log.toFile());
      }
      builder.environment().remove(Secret.ENVIRONMENT);
      builder.environment().remove("LEGO_MONITOR");
      RawArguments.forgetSaved(builder.environment());
      if (secret != null) {
        builder.environment().put(Secret.ENVIRONMENT, secret);
      }
      ComponentProcess component = new ComponentProcess(name, builder.start(), log);
      Thread.ofPlatform().daemon().name("lego-ready-" + name).start(component::readFirstLine);
      if (log == null) {
        component.errors.start();
      }
      return component;
    } catch (IOException e) {
      throw new LegoFailure(LegoFailure.FAILURE, "cannot start " + name + ": " + e.getMessage(), e);
    }
  }

  private void readErrors() {
    try (BufferedReader errors = process.errorReader(StandardCharsets.UTF_8)) {
      for (String line = errors.readLine(); line != null; line = errors.readLine()) {
        lastLine = line;
      }
    } catch (IOException e) {
      // It has ended, and this process is ending it.
    }
  }

  private void readFirstLine() {
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      String line = out.readLine();
      if (line == null) {
        ready.completeExceptionally(new IOException("it ended"));
      } else {
        ready.complete(line);
      }
    } catch (IOException e) {
      ready.completeExceptionally(e);
    }
  }

  /**
   * Waits until it is ready.
   *
   * @param timeoutMs longest wait.
   * @return its first line of output.
   * @throws LegoFailure with its last words, when it ended or is too late.
   */
  String awaitReady(long timeoutMs) throws LegoFailure {
    try {
      return ready.get(timeoutMs, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      ProcessIdentity.ended(process.toHandle(), END_MS);
      throw new LegoFailure(LegoFailure.FAILURE, name + " ended: " + lastWords(), e);
    } catch (TimeoutException e) {
      throw new LegoFailure(
          LegoFailure.FAILURE,
          name + " is not ready after " + timeoutMs + " ms: " + lastWords(),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LegoFailure(LegoFailure.FAILURE, "interrupted while waiting for " + name, e);
    }
  }

  /**
   * Has something done when it ends before it was ready.
   *
   * @param action carried out on a thread of this class's.
   */
  void onFailedStart(Runnable action) {
    var _ =
        ready.whenComplete((line, failure) -> {
          if (failure != null) {
            action.run();
          }
        });
  }

  /**
   * The last line that it logged.
   *
   * @return one line.
   */
  String lastWords() {
    if (log == null) {
      awaitErrors();
      return lastLine;
    }
    try {
      List<String> lines = Files.readAllLines(log);
      return lines.isEmpty() ? "it left no message" : lines.getLast();
    } catch (IOException e) {
      return "its log " + log + " cannot be read";
    }
  }

  /** Once it has ended, what it has said last is on its way. */
  private void awaitErrors() {
    try {
      if (!process.isAlive()) {
        errors.join(Duration.ofMillis(END_MS));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Its process.
   *
   * @return the handle.
   */
  ProcessHandle handle() {
    return process.toHandle();
  }

  /** Ends it: asks, waits at most two seconds, then kills. */
  void stop() {
    ProcessIdentity.end(process.toHandle(), END_MS);
  }

  /** Ends it at once, when nobody needs what it holds, and waits at most two seconds. */
  void kill() {
    process.destroyForcibly();
    ProcessIdentity.ended(process.toHandle(), END_MS);
  }
}
