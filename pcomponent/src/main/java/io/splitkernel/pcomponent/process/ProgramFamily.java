package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.pcomponent.access.UserfaultfdAccess;
import io.splitkernel.pcomponent.fault.AddressSpaces;
import io.splitkernel.pcomponent.fault.ProcessorCounter;
import io.splitkernel.pcomponent.fault.ProcessorCounters;
import io.splitkernel.pcomponent.space.AddressSpaceModel;
import io.splitkernel.pcomponent.space.Mapping;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;

/**
 * The address spaces of a program and all its descendants, and what is known of its processes. Any
 * thread.
 */
final class ProgramFamily implements AutoCloseable {
  private final AddressSpaces spaces;
  private final FamilyScan scan;
  private final DescriptorHandover descriptors = new DescriptorHandover();
  private final UserfaultfdAccess access;
  private final OwnDescriptors own = new OwnDescriptors();
  private final Map<Integer, LiveSpace> byNumber = new ConcurrentHashMap<>();
  private final Map<Integer, LiveSpace> byPid = new ConcurrentHashMap<>();
  private final Map<Integer, Boolean> unsupervised = new ConcurrentHashMap<>();
  private final Set<Integer> subreapers = ConcurrentHashMap.newKeySet();
  private final Set<Integer> interrupted = ConcurrentHashMap.newKeySet();
  private final Path ownNamespace = PidNamespace.ofChildren("self");
  private final int filtersExpected = ProcStatus.own().filters() + 1;
  private final Lock[] attachLocks = new Lock[16];
  private final CoreDumps cores = new CoreDumps();
  private final SignalGuard guard;
  private final ProcessorCounters counters;
  private final AtomicBoolean closed = new AtomicBoolean();
  private ProcessEnds ends;
  private volatile IntConsumer agentWanted = number -> {};

  ProgramFamily(
      AddressSpaces spaces, SignalGuard guard, Path privilegeHelper, ProcessorCounters counters) {
    this.access = new UserfaultfdAccess(privilegeHelper);
    this.spaces = spaces;
    this.counters = counters;
    this.guard = guard;
    this.scan = new FamilyScan(spaces.nonce());
    Arrays.setAll(attachLocks, i -> new ReentrantLock());
  }

  /** Who tells of ends; before the program starts. */
  void ends(ProcessEnds who) {
    ends = who;
  }

  /** Who finds agents for spaces; does not block. */
  void agentWanted(IntConsumer who) {
    agentWanted = who;
  }

  /** The agent of a space was found to have ended by itself; another one is wanted. */
  void onAgentKilled(int number) {
    agentWanted.accept(number);
  }

  /** By which agents get descriptors of the program's. */
  DescriptorHandover descriptors() {
    return descriptors;
  }

  /** Threads that an {@link Interruption} traces. */
  Set<Integer> interrupted() {
    return interrupted;
  }

  /** Held while a process of this number is taken over. */
  Lock attachLock(int pid) {
    return attachLocks[pid & (attachLocks.length - 1)];
  }

  /** By what this process may serve the page faults of others. */
  UserfaultfdAccess access() {
    return access;
  }

  /** Descriptors of this process. */
  OwnDescriptors own() {
    return own;
  }

  /** Seccomp filters of a process of the family that has made none itself. */
  int filtersExpected() {
    return filtersExpected;
  }

  /** Gives the caller of a waiting call a descriptor, if need be beyond its limit. */
  long install(Call call, int pid, int descriptor) {
    long result = call.install(descriptor);
    return result == -Errno.EMFILE
        ? LiftedDescriptorLimit.beyond(pid, () -> call.install(descriptor))
        : result;
  }

  /**
   * What an agent of a process must be. A thread would have the program's own filters; without them
   * it would have to be traced, and the process could not exec nor end before its tracer allows it.
   */
  AgentKind agentKind(ProcStatus status) {
    AgentKind kind = unfilteredKind(status);
    return kind == AgentKind.THREAD && status.filters() > filtersExpected ? AgentKind.NONE : kind;
  }

  private AgentKind unfilteredKind(ProcStatus status) {
    Path ofChildren = PidNamespace.ofChildren(Integer.toString(status.pid()));
    if (status.pidNamespaces() > 1) {
      Path own = PidNamespace.of(Integer.toString(status.pid()));
      return own != null && own.equals(ofChildren) ? AgentKind.THREAD : AgentKind.NONE;
    }
    if (ofChildren == null || !ofChildren.equals(ownNamespace)) {
      return AgentKind.NONE;
    }
    return hasSubreaper(status) ? AgentKind.THREAD : AgentKind.PROCESS;
  }

  /** A process adopts the orphans among its descendants from now on. */
  void onSubreaper(int pid) {
    subreapers.add(pid);
  }

  private boolean hasSubreaper(ProcStatus status) {
    if (subreapers.isEmpty()) {
      return false;
    }
    ProcStatus at = status;
    while (at != null && at.pid() > 1) {
      if (subreapers.contains(at.pid())) {
        return true;
      }
      at = at.parentPid() == 0 ? null : ProcStatus.of(at.parentPid());
    }
    return false;
  }

  /** A space that has begun, or was forked; null when there is none of that number any more. */
  LiveSpace begin(int number) {
    return byNumber.computeIfAbsent(
        number,
        n -> {
          AddressSpaceModel model = spaces.model(n);
          return model == null ? null : new LiveSpace(n, model, descriptors);
        });
  }

  /** The pager has ended a space. */
  void onSpaceEnded(int number, long awayBytes) {
    LiveSpace space = byNumber.remove(number);
    if (space != null) {
      cores.onSpaceEnded(space, awayBytes);
    }
  }

  /** What core dumps of the family lack. */
  CoreDumps cores() {
    return cores;
  }

  /**
   * Whether a process runs without supervision since it could not be taken over. It is tried once
   * more when a program seems to begin.
   *
   * @param begins whether the process makes a call that every program makes at its start.
   */
  boolean isLeftAlone(int pid, boolean begins) {
    Boolean atBegin = unsupervised.get(pid);
    if (atBegin == null) {
      return false;
    }
    if (begins) {
      unsupervised.put(pid, false);
    }
    return !begins || atBegin;
  }

  /**
   * A process could not be taken over.
   *
   * @param begins whether that was at a call which begins a program, and which it makes again now.
   */
  void leaveAlone(int pid, boolean begins) {
    if (unsupervised.put(pid, begins) == null) {
      counters.countAnywhere(ProcessorCounter.LOCAL_PROCESSES);
      ends.watch(pid);
    }
  }

  /** A space has an agent, and its process is watched. */
  void onAgentStarted(LiveSpace space, int pid) {
    LiveSpace before = byPid.put(pid, space);
    space.pids().add(pid);
    unsupervised.remove(pid);
    if (before == null) {
      ends.watch(pid);
    } else if (before != space) { // it has exec'ed
      leave(pid, before);
    }
  }

  /**
   * A watched process has ended.
   *
   * @param status as wait(2) has it, 0 when it is not known.
   */
  void onProcessEnded(int pid, int status) {
    unsupervised.remove(pid);
    subreapers.remove(pid);
    guard.onProcessEnded(pid);
    LiveSpace space = byPid.remove(pid);
    if (space != null) {
      if (CoreDumps.isIn(status)) {
        cores.onDumped(space, pid);
      }
      leave(pid, space);
    }
  }

  private void leave(int pid, LiveSpace space) {
    space.pids().remove(pid);
    if (space.pids().isEmpty()) {
      endAgent(space);
    }
  }

  /**
   * Ends the agent of a space. If some process still lives there, its next memory call brings a new
   * one.
   */
  void endAgent(LiveSpace space) {
    InProgramAgent agent = space.takeAgent();
    if (agent != null) {
      spaces.unclaim(space.number());
      agent.end();
      agent.kill();
      agent.free();
    }
  }

  /** Somebody has killed the agent of a space: there will be another one. */
  void endKilledAgent(LiveSpace space) {
    InProgramAgent agent = space.agent();
    if (agent != null && agent.isGone()) {
      endAgent(space);
    }
  }

  /** Brings all memory of a space that can have no agent here; it is not supervised any more. */
  void makeLocal(LiveSpace space) {
    counters.countAnywhere(ProcessorCounter.LOCAL_PROCESSES);
    space.becomeLocal();
    for (Mapping mapping : space.model().mappings(0, Long.MAX_VALUE)) {
      spaces.localize(space.number(), mapping.start(), mapping.end());
    }
  }

  /** Processes whose agent is one of their threads. */
  Map<Integer, LiveSpace> withThreadAgents() {
    Map<Integer, LiveSpace> found = new HashMap<>(byPid);
    found.values().removeIf(space -> !space.hasThreadAgent());
    return found;
  }

  /** Bytes that all spaces have locked. */
  long lockedBytes() {
    return byNumber.values().stream().mapToLong(space -> space.model().lockedBytes()).sum();
  }

  /** Processes that live in some spaces, by the number of the space. */
  Map<Integer, List<Integer>> pidsIn(Set<Integer> numbers) {
    return scan.pidsIn(numbers);
  }

  /** Kills the processes that live in a space; false when there is none any more. */
  boolean killSpace(int number) {
    List<Integer> pids = scan.pidsIn(number);
    pids.forEach(ProcessKiller::kill);
    return !pids.isEmpty();
  }

  /** Kills all processes that live in supervised spaces. */
  void killAll() {
    scan.pids().forEach(ProcessKiller::kill);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      byNumber.values().forEach(this::endAgent);
      access.close();
      try {
        spaces.settle();
      } catch (IllegalStateException e) {
        // an address space outlives its last process: the end of the pager ends it too
      }
    }
  }
}
