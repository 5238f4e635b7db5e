package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Ptrace;
import io.splitkernel.ffi.Syscall;
import io.splitkernel.pcomponent.fault.AddressSpaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Follows every thread of the family from stop to stop until none is left. All methods run on the
 * thread that started the program, since the kernel ties ptrace to it.
 */
final class Tracer {
  private static final long SYS_KCMP = 312;
  private static final long KCMP_VM = 1;
  private static final int SIGKILL = 9;
  private static final int SIGTRAP = 5;

  private final Ptrace ptrace;
  private final TaskTable tasks;
  private final SpaceSetup setup;
  private final AddressSpaces spaces;
  private final JobControl jobControl;
  private final Failures failures;
  private final OrphanReaper reaper = new OrphanReaper();

  /** New tasks whose first stop came before the event of their creator. */
  private final Map<Integer, Integer> early = new HashMap<>();

  private int mainPid;
  private int mainStatus;

  Tracer(
      Ptrace ptrace,
      TaskTable tasks,
      SpaceSetup setup,
      AddressSpaces spaces,
      JobControl jobControl,
      Failures failures) {
    this.ptrace = ptrace;
    this.tasks = tasks;
    this.setup = setup;
    this.spaces = spaces;
    this.jobControl = jobControl;
    this.failures = failures;
  }

  /**
   * Follows a seized process and all its descendants to their end.
   *
   * @param pid the process, already seized by this thread and in the task table.
   * @return its wait status.
   */
  int follow(int pid) {
    mainPid = pid;
    while (true) {
      int tid = ptrace.await(-1);
      if (tid < 0) {
        if (tid == -4) { // EINTR
          continue;
        }
        return mainStatus;
      }
      dispatch(tid, ptrace.status());
      if (tasks.isEmpty()) {
        reaper.reapAll();
        return mainStatus;
      }
    }
  }

  private void dispatch(int tid, int status) {
    try {
      if (Ptrace.hasEnded(status)) {
        onEnd(tid, status);
      } else if (tasks.agent(tid) != null) {
        ptrace.resume(tid, 0);
      } else if (tasks.process(tid) == null) {
        early.put(tid, status);
      } else {
        onStop(tid, status);
      }
    } catch (TaskEndedException e) {
      onEnd(e.tid(), e.status());
    } catch (IOException | IllegalStateException e) {
      failures.lego(e.getMessage());
      killFamily();
      ptrace.resume(tid, 0);
    }
  }

  private void onStop(int tid, int status) throws TaskEndedException, IOException {
    int signal = Ptrace.stopSignal(status);
    switch (Ptrace.event(status)) {
      case 0 -> ptrace.resume(tid, (signal & 0x7f) == SIGTRAP && signal != SIGTRAP ? 0 : signal);
      case Ptrace.EVENT_FORK, Ptrace.EVENT_VFORK, Ptrace.EVENT_CLONE -> onNewTask(tid);
      case Ptrace.EVENT_EXEC -> onExec(tid);
      case Ptrace.EVENT_STOP -> onEventStop(tid, signal);
      default -> ptrace.resume(tid, 0);
    }
  }

  private void onEventStop(int tid, int signal) {
    if (signal == SIGTRAP) {
      ptrace.resume(tid, 0);
      return;
    }
    ptrace.listen(tid);
    if (tid == mainPid) {
      jobControl.onProgramStopped(signal);
    }
  }

  private void onNewTask(int creatorTid) throws TaskEndedException, IOException {
    int tid = (int) ptrace.eventMessage(creatorTid);
    TracedProcess creator = tasks.process(creatorTid);
    TracedSpace parentSpace = creator.space();
    boolean thread = Files.exists(Path.of("/proc/" + creator.pid() + "/task/" + tid));
    boolean sharesMemory = thread || sharesMemory(creator.pid(), tid);
    TracedProcess process = thread ? creator : new TracedProcess(tid, creator.pid());
    if (!thread && sharesMemory) {
      enter(process, parentSpace);
    }
    tasks.addThread(tid, process);
    ptrace.resume(creatorTid, 0);
    Integer seen = early.remove(tid);
    if (seen == null) {
      if (ptrace.await(tid) < 0) {
        throw new TaskEndedException(tid, SIGKILL);
      }
      seen = ptrace.status();
    }
    if (Ptrace.hasEnded(seen)) {
      if (!sharesMemory && parentSpace != null) {
        spaces.abandonForked(parentSpace.number());
      }
      throw new TaskEndedException(tid, seen);
    }
    if (!sharesMemory && parentSpace != null) {
      enter(process, orEnded(tid, () -> setup.afterFork(tid, parentSpace)));
    }
    onStop(tid, seen);
  }

  private void onExec(int tid) throws TaskEndedException, IOException {
    TracedProcess process = tasks.process(tid);
    int former = (int) ptrace.eventMessage(tid);
    if (former != tid && tasks.process(former) != null) {
      process = tasks.process(former);
    }
    tasks.keepOnlyLeader(process);
    leave(process);
    enter(process, orEnded(tid, () -> setup.afterExec(tid)));
    ptrace.resume(tid, 0);
  }

  /** A set-up that fails because somebody has killed the process is that process's end, no more. */
  private TracedSpace orEnded(int tid, Setup step) throws TaskEndedException, IOException {
    try {
      return step.run();
    } catch (IOException e) {
      if (ptrace.isStopped(tid)) {
        throw e;
      }
      throw new TaskEndedException(tid, SIGKILL);
    }
  }

  /** Makes a space. */
  private interface Setup {
    TracedSpace run() throws TaskEndedException, IOException;
  }

  private void onEnd(int tid, int status) {
    early.remove(tid);
    TracedSpace served = tasks.removeAgent(tid);
    if (served != null) {
      onAgentEnded(served);
      return;
    }
    TracedProcess process = tasks.removeThread(tid);
    if (process == null || process.pid() != tid) {
      return;
    }
    if (tid == mainPid) {
      mainStatus = status;
      jobControl.onProgramEnded();
    }
    leave(process);
    reaper.onProcessEnded(tid);
  }

  /** An agent ends after its space; if somebody has killed it before, the space cannot go on. */
  private void onAgentEnded(TracedSpace space) {
    List<Integer> pids = tasks.pidsIn(space);
    space.agent().end();
    if (!pids.isEmpty()) {
      failures.lego("the agent of process " + pids.getFirst() + " was killed");
      pids.forEach(ProcessKiller::kill);
    }
  }

  private void enter(TracedProcess process, TracedSpace space) {
    process.space(space);
    if (space != null) {
      space.addUser();
    }
  }

  private void leave(TracedProcess process) {
    TracedSpace space = process.space();
    process.space(null);
    if (space != null && space.removeUser()) {
      setup.end(space);
    }
  }

  private static boolean sharesMemory(int pid, int tid) {
    return Syscall.call(SYS_KCMP, pid, tid, KCMP_VM, 0, 0, 0) == 0;
  }

  private void killFamily() {
    tasks.pids().forEach(ProcessKiller::kill);
  }
}
