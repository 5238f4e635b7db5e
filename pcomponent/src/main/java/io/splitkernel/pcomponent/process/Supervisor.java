package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.Ptrace;
import io.splitkernel.pcomponent.fault.AddressSpaces;
import java.io.IOException;
import java.lang.foreign.Arena;

/**
 * Runs one program, with all its descendants, on the memory that an {@link AddressSpaces} serves.
 * {@link #run} may be called once and blocks its thread, which becomes the tracer.
 */
public final class Supervisor implements AddressSpaces.Listener {
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
   * Runs a program to the end of its last descendant. Must be called on a platform thread.
   *
   * @param spec what to run.
   * @param spaces the pager, started; this object must be its listener.
   * @return how it ended.
   * @throws IOException when it cannot be started or supervised.
   */
  public ProgramEnd run(ProgramSpec spec, AddressSpaces spaces) throws IOException {
    OrphanReaper.adoptOrphans();
    try (Arena arena = Arena.ofShared();
        JobControl jobControl = new JobControl()) {
      Ptrace ptrace = new Ptrace(arena);
      SpaceSetup setup =
          new SpaceSetup(
              ptrace, arena, spaces, tasks, config.agentDeadlineNs(), config.moveAvailable());
      Tracer tracer = new Tracer(ptrace, tasks, setup, spaces, jobControl, failures);
      MemoryCalls calls = new MemoryCalls(spaces, config.memoryBytes());
      try (Launch launch = Launch.start(spec)) {
        long seized = ptrace.seize(launch.pid());
        if (seized < 0) {
          throw new IOException(
              "cannot trace the program: " + Errno.text(seized) + "; run as root or see lego doctor");
        }
        try (CallListener listener =
            new CallListener(launch.takeListener(), tasks, calls, failures)) {
          listener.start();
          jobControl.start(launch.pid());
          launch.go();
          mainPid = launch.pid();
          return failures.end(Ptrace.exitStatus(tracer.follow(launch.pid())));
        }
      }
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
