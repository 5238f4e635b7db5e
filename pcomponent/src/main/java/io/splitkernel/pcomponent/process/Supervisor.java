package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.Ptrace;
import io.splitkernel.pcomponent.fault.AddressSpaces;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Runs one program, with all its descendants, on the memory that an {@link AddressSpaces} serves.
 * {@link #run} may be called once and blocks its thread until the end.
 */
public final class Supervisor implements AddressSpaces.Listener {
  private static final long JOIN_MS = 5_000;

  private final SupervisorConfig config;
  private final TaskTable tasks = new TaskTable();
  private final Failures failures = new Failures();
  private volatile int mainPid;

  /**
   * @param config settings.
   */
  public Supervisor(SupervisorConfig config) {
    this.config = config;
  }

  /**
   * Runs a program to the end of its last descendant. The thread that traces it is its own, so that
   * it waits for nobody else's children.
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
    FutureTask<ProgramEnd> run = new FutureTask<>(() -> trace(spec, spaces, suspension));
    Thread tracer = Thread.ofPlatform().daemon().name("lego-tracer").start(run);
    try {
      return run.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failed) {
        throw failed;
      }
      throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException e) {
      abort("interrupted");
      Thread.currentThread().interrupt();
      throw new IOException("the run was interrupted", e);
    } finally {
      join(tracer);
    }
  }

  private ProgramEnd trace(ProgramSpec spec, AddressSpaces spaces, Suspension suspension)
      throws IOException {
    OrphanReaper.adoptOrphans();
    try (Arena arena = Arena.ofShared();
        JobControl jobControl = new JobControl(suspension)) {
      Ptrace ptrace = new Ptrace(arena);
      SpaceSetup setup =
          new SpaceSetup(
              ptrace, arena, spaces, tasks, config.agentDeadlineNs(), config.moveAvailable());
      Tracer tracer = new Tracer(ptrace, tasks, setup, spaces, jobControl, failures);
      MemoryCalls calls = new MemoryCalls(spaces, config.memoryBytes());
      try (FamilyKeeper keeper = FamilyKeeper.start();
          Launch launch = Launch.start(spec, keeper)) {
        int pid = launch.pid();
        long seized = ptrace.seize(pid);
        if (seized < 0) {
          throw new IOException(
              "cannot trace the program: "
                  + Errno.text(seized)
                  + "; run as root or see lego doctor");
        }
        tasks.addThread(pid, new TracedProcess(pid, 0));
        mainPid = pid;
        try (CallListener listener =
            new CallListener(launch.takeListener(), tasks, calls, failures)) {
          listener.start();
          jobControl.start(pid, keeper.pid());
          launch.go();
          return failures.end(Ptrace.exitStatus(tracer.follow(pid)));
        }
      }
    }
  }

  private static void join(Thread tracer) {
    try {
      tracer.join(JOIN_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
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
    return pid != 0 && tasks.process(pid) != null && ProcessKiller.signal(pid, signal);
  }

  /**
   * Ends the whole family because Lego cannot go on. Any thread.
   *
   * @param reason one line.
   */
  public void abort(String reason) {
    failures.lego(reason);
    tasks.pids().forEach(ProcessKiller::kill);
  }

  @Override
  public void onOutOfMemory(int space, String reason) {
    failures.outOfMemory(reason);
    tasks.pidsIn(space).forEach(ProcessKiller::kill);
  }

  @Override
  public void onMemoryLost(int space, String reason) {
    failures.lego(reason);
    tasks.pidsIn(space).forEach(ProcessKiller::kill);
  }
}
