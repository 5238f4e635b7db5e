package io.splitkernel.launcher.logging;

import org.slf4j.LoggerFactory;

/**
 * Chooses the logging back end once, before the first logger is made. Loading Logback costs a short
 * command more than its work, so only those that log load it.
 */
public final class Logging {
  /** System property with the path of the log file; unset logs to stderr. */
  static final String FILE_PROPERTY = "lego.log.file";

  private static final String PROVIDER_PROPERTY = "slf4j.provider";
  private static final String VERBOSITY_PROPERTY = "slf4j.internal.verbosity";
  private static final String NO_LOGGING = "org.slf4j.helpers.NOP_FallbackServiceProvider";

  private Logging() {}

  /** What ends a thread unexpectedly is logged, like everything else, and not printed. */
  public static void takeUncaught() {
    Thread.setDefaultUncaughtExceptionHandler((thread, thrown) ->
        LoggerFactory.getLogger(Logging.class)
            .error("thread {} ended: {}", thread.getName(), thrown.toString(), thrown));
  }

  /** Logs nothing. */
  public static void silent() {
    System.setProperty(PROVIDER_PROPERTY, NO_LOGGING);
    System.setProperty(VERBOSITY_PROPERTY, "WARN");
  }

  /** Logs to stderr, where systemd, Kubernetes and {@code lego up} expect it. */
  public static void toStderr() {
    System.clearProperty(PROVIDER_PROPERTY);
    System.clearProperty(FILE_PROPERTY);
  }

  /**
   * Logs to a file.
   *
   * @param path of the file; lines are appended.
   */
  public static void toFile(String path) {
    System.clearProperty(PROVIDER_PROPERTY);
    System.setProperty(FILE_PROPERTY, path);
  }
}
