package io.splitkernel.launcher.cluster;

import io.splitkernel.launcher.LegoFailure;
import java.util.List;

/**
 * A command of this distribution in a second process that never outlives this one: its stdin is a
 * pipe which the kernel closes when this process ends, however it ends, and the command ends with
 * its stdin. Control thread, and once more a shutdown hook.
 */
public final class TetheredProcess implements AutoCloseable {
  private static final long NOTICE_MS = 500;

  private final ComponentProcess process;
  private volatile boolean closed;

  private TetheredProcess(ComponentProcess process) {
    this.process = process;
  }

  /**
   * Starts one.
   *
   * @param name for messages.
   * @param arguments of the lego command, which must end with its stdin.
   * @return the process, which may not be ready yet.
   * @throws LegoFailure when it cannot be started.
   */
  public static TetheredProcess start(String name, List<String> arguments) throws LegoFailure {
    TetheredProcess tethered = new TetheredProcess(ComponentProcess.startTethered(name, arguments));
    Runtime.getRuntime().addShutdownHook(new Thread(tethered::close, "lego-tethered-close"));
    return tethered;
  }

  /**
   * Waits until it is ready.
   *
   * @param timeoutMs longest wait.
   * @return its first line of output.
   * @throws LegoFailure with its last words, when it ended or is too late.
   */
  public String awaitReady(long timeoutMs) throws LegoFailure {
    return process.awaitReady(timeoutMs);
  }

  /**
   * Why it is not there any more, though nobody has closed it. Waits shortly, since who is
   * connected to it notices earlier than its parent.
   *
   * @return its last words, or empty while it lives.
   */
  public String failure() {
    boolean ended = !closed && ProcessIdentity.ended(process.handle(), NOTICE_MS);
    return ended ? process.lastWords() : "";
  }

  /**
   * Whether it was ended on purpose, as a signal to this process does.
   *
   * @return true from the beginning of {@link #close}.
   */
  public boolean isClosed() {
    return closed;
  }

  /** Ends it and waits at most two seconds until it is gone. Idempotent. */
  @Override
  public void close() {
    closed = true;
    process.kill();
  }
}
