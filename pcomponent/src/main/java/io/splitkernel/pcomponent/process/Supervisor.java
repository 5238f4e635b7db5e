package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Layout;
import io.splitkernel.ffi.Ptrace;
import io.splitkernel.pcomponent.fault.AddressSpaces;
import io.splitkernel.pcomponent.fault.ProcessorCounters;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Runs one program, with all its descendants, on the memory that an {@link AddressSpaces} serves.
 * {@link #run} may be called once and blocks its thread until the end.
 */
public final class Supervisor implements AddressSpaces.Listener {
  private static final long END_NS = 10_000_000_000L;
  private static final long EVENT_NS = 1_000_000_000L;

  /** What is told when nobody knows how the program has ended. */
  private static final int STATUS_UNKNOWN = 125;

  private final SupervisorConfig config;
  private final ProcessorCounters counters;
  private final Failures failures = new Failures(this::killFamily);
  private final CountDownLatch familyEnded = new CountDownLatch(1);
  private final ExecutorService killer =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("lego-killer").factory());
  private volatile ProgramFamily family;
  private volatile AgentSeeker seeker;
  private volatile int mainPid;

  /**
   * @param config settings.
   * @param counters in which processes are counted that could not be supervised.
   */
  public Supervisor(SupervisorConfig config, ProcessorCounters counters) {
    this.config = config;
    this.counters = counters;
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
    return run(spec, spaces, Suspension.NONE);
  }

  /**
   * The same, with something to do when this process is stopped with the program.
   *
   * @param spec what to run.
   * @param spaces the pager, started; this object must be its listener.
   * @param suspension called around each stop.
   * @return how it ended.
   * @throws IOException when it cannot be started or supervised.
   */
  public ProgramEnd run(ProgramSpec spec, AddressSpaces spaces, Suspension suspension)
      throws IOException {
    try (SignalGuard guard = new SignalGuard(failures);
        ProgramFamily members =
            new ProgramFamily(spaces, guard, config.privilegeHelper(), counters);
        ProcessEnds ends = new ProcessEnds(members::onProcessEnded, familyEnded::countDown);
        JobControl jobControl = new JobControl(suspension);
        FamilyKeeper keeper = FamilyKeeper.start();
        Launch launch = Launch.start(spec, keeper)) {
      members.ends(ends);
      MemoryCalls calls =
          new MemoryCalls(
              spaces,
              new ProcFacts(),
              config.memoryBytes(),
              config.lockedBytesMax(),
              members::lockedBytes);
      family = members;
      int pid = launch.pid();
      mainPid = pid;
      int descriptor = launch.takeListener(filter());
      try (CallListener listener =
              new CallListener(
                  descriptor,
                  arena -> new CallServer(arena, spaces, members, calls, config, guard, failures),
                  failures);
          AgentSeeker seeking = new AgentSeeker(spaces, members, config, guard, failures)) {
        seeker = seeking;
        members.agentWanted(seeking::want);
        ends.start(descriptor);
        listener.start();
        jobControl.start(pid, keeper.pid());
        launch.go();
        int status = follow(keeper, jobControl);
        return failures.end(status, members.cores().notes());
      }
    } catch (InterruptedException e) {
      abort("interrupted");
      Thread.currentThread().interrupt();
      throw new IOException("the run was interrupted", e);
    }
  }

  /** Follows the program to the end of its family; its exit status. */
  private int follow(FamilyKeeper keeper, JobControl jobControl) throws InterruptedException {
    int status = STATUS_UNKNOWN;
    while (true) {
      switch (keeper.nextEvent(EVENT_NS)) {
        case FamilyEvent.Stopped stopped -> jobControl.onProgramStopped(stopped.signal());
        case FamilyEvent.Exited exited -> {
          status = Ptrace.exitStatus(exited.status());
          mainPid = 0;
          jobControl.onProgramEnded();
        }
        case FamilyEvent.FamilyEnded ended -> {
          killer.shutdown();
          killer.awaitTermination(END_NS, TimeUnit.NANOSECONDS);
          familyEnded.await(END_NS, TimeUnit.NANOSECONDS);
          settle();
          return status;
        }
        case FamilyEvent.KeeperDied died -> {
          failures.fatal("the keeper of the program's processes was killed");
          return status;
        }
        case FamilyEvent.Continued continued -> {}
        case null -> {}
      }
    }
  }

  /** What the program had is given back, and counted so, before its end is told. */
  private void settle() {
    ProgramFamily members = family;
    if (members != null) {
      members.close();
    }
  }

  private static byte[] filter() {
    Map<Integer, Integer> answers =
        Map.of(
            (int) Layout.of("LEGO_CALL_STOP"),
            FilterProgram.RET_TRACE,
            DescriptorHandover.CALL,
            FilterProgram.RET_NOTIFY,
            StrictCalls.FORBIDDEN,
            FilterProgram.RET_NOTIFY);
    FilterProgram.Blob blob =
        new FilterProgram.Blob(
            Layout.of("LEGO_BLOB_ADDRESS"),
            Layout.of("LEGO_BLOB_BYTES"),
            answers,
            Layout.of("LEGO_MMAP_OFFSET"));
    return FilterProgram.bytes(blob, FilterProgram.kernelHasX32());
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

  /** Kills the processes of a space; if there is still one, that has a reason. */
  private void kill(int space, Runnable reason) {
    ProgramFamily members = family;
    if (members != null) {
      killer.execute(() -> {
        if (members.killSpace(space)) {
          reason.run();
        }
      });
    }
  }

  @Override
  public void onOutOfMemory(int space, String reason) {
    kill(space, () -> failures.outOfMemory(reason));
  }

  @Override
  public void onMemoryLost(int space, String reason) {
    kill(space, () -> failures.lego(reason));
  }

  @Override
  public void onSpaceEnded(int space, long awayBytes) {
    ProgramFamily members = family;
    if (members != null) {
      members.onSpaceEnded(space, awayBytes);
    }
    AgentSeeker seeking = seeker;
    if (seeking != null) {
      seeking.forget(space);
    }
  }

  @Override
  public void onAgentWanted(int space) {
    AgentSeeker seeking = seeker;
    if (seeking != null) {
      seeking.want(space);
    }
  }

  @Override
  public void onPagerFailed(String reason) {
    failures.fatal(reason);
  }
}
