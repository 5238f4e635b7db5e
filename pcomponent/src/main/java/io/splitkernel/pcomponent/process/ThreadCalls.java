package io.splitkernel.pcomponent.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * Keeps an agent that is a thread of the program out of calls in which it would count. Before those
 * that the kernel allows to a process with a single thread only, or that change all threads, it is
 * ended; the next memory call brings a new one. Tracers inside the program do not find it either.
 */
final class ThreadCalls {
  private static final String AGENT = "lego-agent\n";
  private static final long NEW_USER = 0x10000000;
  private static final long NEW_TIME = 0x80;
  private static final int PTRACE_ATTACH = 16;
  private static final int PTRACE_SEIZE = 0x4206;
  private static final long END_NS = 2_000_000_000L;
  private static final long LOOK_NS = 100_000L;

  private final ProgramFamily family;

  ThreadCalls(ProgramFamily family) {
    this.family = family;
  }

  /** Whether a call is one of those for which an agent may have to end. */
  static boolean concerns(SeenCalls call) {
    return call == SeenCalls.UNSHARE || call == SeenCalls.SETNS || call == SeenCalls.SECCOMP;
  }

  /** Ends the agent of the caller's space if it would be in the way. */
  void onCall(Call call, SeenCalls seen, LiveSpace space) {
    space.lock();
    try {
      InProgramAgent agent = space.agent();
      if (agent != null && isInTheWay(call, seen, agent)) {
        ProcStatus status = ProcStatus.of(call.tid());
        int process = agent.isThread() ? 0 : agent.tid();
        family.endAgent(space);
        if (status != null) {
          awaitEnd(status.pid(), process);
        }
      }
    } finally {
      space.unlock();
    }
  }

  private static boolean isInTheWay(Call call, SeenCalls seen, InProgramAgent agent) {
    if (seen != SeenCalls.SETNS) {
      return agent.isThread();
    }
    long kinds = call.arguments()[1] & 0xffffffffL;
    String file = kinds == 0 ? target(call.tid(), (int) call.arguments()[0]) : "";
    // a time namespace belongs to the whole address space, which a process shares as well
    return (kinds & NEW_TIME) != 0
        || file.startsWith("time:")
        || (agent.isThread() && ((kinds & NEW_USER) != 0 || file.startsWith("user:")));
  }

  private static String target(int tid, int descriptor) {
    try {
      Path link = Path.of("/proc/" + tid + "/fd/" + descriptor);
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "";
    }
  }

  /** An agent that was told to end needs a moment for it. */
  private static void awaitEnd(int pid, int process) {
    long until = System.nanoTime() + END_NS;
    while ((process != 0 ? !TaskState.hasEnded(process) : agentThread(pid) != 0)
        && System.nanoTime() - until < 0) {
      LockSupport.parkNanos(LOOK_NS);
    }
  }

  /** The agent among the threads of a process, or 0. */
  private static int agentThread(int pid) {
    for (String name : threads(pid)) {
      try {
        Path comm = Path.of("/proc/" + pid + "/task/" + name + "/comm");
        if (AGENT.equals(new String(Files.readAllBytes(comm), ISO_8859_1))) {
          return Integer.parseInt(name);
        }
      } catch (IOException e) {
        // a thread that has just ended
      }
    }
    return 0;
  }

  private static String[] threads(int pid) {
    String[] names = new File("/proc/" + pid + "/task").list();
    return names == null ? new String[0] : names;
  }

  /**
   * Somebody in the program is about to trace a process: a debugger stops all its threads, and
   * insists on each that it finds. So one whose agent is a thread goes on without, and without
   * supervision.
   */
  void onPtrace(Call call) {
    int request = (int) call.arguments()[0];
    if (request != PTRACE_ATTACH && request != PTRACE_SEIZE) {
      return;
    }
    Map<Integer, LiveSpace> candidates = family.withThreadAgents();
    ProcStatus caller = candidates.isEmpty() ? null : ProcStatus.of(call.tid());
    if (caller != null) {
      int target = (int) call.arguments()[1];
      candidates.forEach((pid, space) -> {
        if (hasThread(pid, target, caller, call.tid())) {
          goOnWithout(pid, space);
        }
      });
    }
  }

  private void goOnWithout(int pid, LiveSpace space) {
    space.lock();
    try {
      family.makeLocal(space);
      family.endAgent(space);
      awaitEnd(pid, 0);
    } finally {
      space.unlock();
    }
  }

  /** Whether a process has a thread that the caller calls so. */
  private static boolean hasThread(int pid, int target, ProcStatus caller, int callerTid) {
    int depth = caller.pidNamespaces();
    if (depth > 1) {
      ProcStatus status = ProcStatus.of(pid);
      if (status == null
          || status.pidNamespaces() < depth
          || (status.pidNamespaces() == depth && !shareNamespace(pid, callerTid))) {
        return false;
      }
    }
    for (String name : threads(pid)) {
      ProcStatus status = ProcStatus.of(Integer.parseInt(name));
      if (status != null && status.numberAt(depth) == target) {
        return true;
      }
    }
    return false;
  }

  private static boolean shareNamespace(int pid, int tid) {
    Path namespace = PidNamespace.of(Integer.toString(pid));
    return namespace != null && namespace.equals(PidNamespace.of(Integer.toString(tid)));
  }
}
