package io.splitkernel.pcomponent.process;

import io.splitkernel.pcomponent.fault.AddressSpaces;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;

/**
 * Runs one program, with all its descendants, on the memory that an {@link AddressSpaces} serves.
 * {@link #run} may be called once and blocks its thread until the end.
 */
public final class Supervisor implements AddressSpaces.Listener {
  private final SupervisorConfig config;
  private final Failures failures = new Failures(this::killFamily);
  private final CountDownLatch familyEnded = new CountDownLatch(1);
  private volatile ProgramFamily family;
  private volatile int mainPid;

  /**
   * @param config settings.
   */
  public Supervisor(SupervisorConfig config) {
    this.config = config;
  }

  /**
   * Runs a program to the end of its last descendant.
   *
   * @param spec what to run.
   * @param spaces the pager, started; this object must be its listener.
   * @return how it ended.
   * @throws IOException when it cannot be started or supervised.
   */
  public ProgramEnd run(ProgramSpec spec, AddressSpaces spaces) throws IOException {
    ProcessKiller.adoptOrphans();
    try (ProgramFamily members = new ProgramFamily(spaces);
        ProcessEnds ends = new ProcessEnds(members::onProcessEnded, familyEnded::countDown);
        JobControl jobControl = new JobControl();
        Launch launch = Launch.start(spec)) {
      members.ends(ends);
      family = members;
      int pid = launch.pid();
      mainPid = pid;
      int descriptor = launch.takeListener();
      try (CallListener listener =
          new CallListener(
              descriptor,
              arena ->
                  new CallServer(
                      arena,
                      spaces,
                      members,
                      new MemoryCalls(spaces, config.memoryBytes()),
                      config,
                      failures),
              failures)) {
        ends.start(descriptor);
        listener.start();
        jobControl.start(pid);
        launch.go();
        int status = new MainProcess(pid, jobControl).awaitEnd();
        mainPid = 0;
        jobControl.onProgramEnded();
        familyEnded.await();
        return failures.end(status);
      }
    } catch (InterruptedException e) {
      abort("interrupted");
      Thread.currentThread().interrupt();
      throw new IOException("the run was interrupted", e);
    }
  }

  /**
   * Sends the program a signal. Any thread.
   *
   * @param signal number.
   * @return false when it does not run.
   */
  public boolean signal(int signal) {
    int pid = mainPid;
    return pid != 0 && ProcessKiller.signal(pid, signal);
  }

  /**
   * Ends the whole family because Lego cannot go on. Any thread.
   *
   * @param reason one line.
   */
  public void abort(String reason) {
    failures.lego(reason);
    killFamily();
  }

  private void killFamily() {
    int pid = mainPid;
    if (pid != 0) {
      ProcessKiller.kill(pid);
    }
    ProgramFamily members = family;
    if (members != null) {
      members.killAll();
    }
  }

  private void kill(int space) {
    ProgramFamily members = family;
    if (members != null) {
      members.killSpace(space);
    }
  }

  @Override
  public void onOutOfMemory(int space, String reason) {
    failures.outOfMemory(reason);
    kill(space);
  }

  @Override
  public void onMemoryLost(int space, String reason) {
    failures.lego(reason);
    kill(space);
  }

  @Override
  public void onSpaceEnded(int space) {
    ProgramFamily members = family;
    if (members != null) {
      members.onSpaceEnded(space);
    }
  }

  @Override
  public void onAgentWanted(int space) {
    // to come: the space's threads are asleep, one of them is to be borrowed
  }

  @Override
  public void onPagerFailed(String reason) {
    failures.fatal(reason);
  }
}
