package io.splitkernel.monitor.process;

import io.splitkernel.monitor.MonitorCounter;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.cluster.ProgramInfo;
import io.splitkernel.protocol.counters.Counters;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;

/** All running programs by global pid. Thread-safe. */
public final class ProgramTable {
  private final ConcurrentSkipListMap<Long, ProgramInfo> programs = new ConcurrentSkipListMap<>();
  private final int programsMax;
  private final Counters<MonitorCounter> counters;

  /**
   * Empty.
   *
   * @param programsMax that can be remembered.
   * @param counters to bump.
   */
  public ProgramTable(int programsMax, Counters<MonitorCounter> counters) {
    this.programsMax = programsMax;
    this.counters = counters;
  }

  /**
   * A program has started.
   *
   * @param program which.
   * @return false when no more can be remembered.
   */
  public synchronized boolean started(ProgramInfo program) {
    if (programs.size() >= programsMax && !programs.containsKey(program.globalPid())) {
      return false;
    }
    programs.put(program.globalPid(), program);
    count();
    return true;
  }

  /**
   * A program has ended.
   *
   * @param globalPid which.
   * @return false when it was not known.
   */
  public synchronized boolean ended(long globalPid) {
    boolean known = programs.remove(globalPid) != null;
    count();
    return known;
  }

  /**
   * A processor component is gone, with its programs.
   *
   * @param nodeId of the processor component.
   */
  public synchronized void dropAllOf(long nodeId) {
    programs.keySet().removeIf(pid -> NodeIdentity.nodeOf(pid) == nodeId);
    count();
  }

  private void count() {
    counters.set(MonitorCounter.PROGRAMS, programs.size());
  }

  /**
   * Whether a program runs.
   *
   * @param globalPid which.
   * @return true when it does.
   */
  public boolean runs(long globalPid) {
    return programs.containsKey(globalPid);
  }

  /**
   * Some programs, for pages of a list.
   *
   * @param afterGlobalPid pids above this.
   * @param limit at most so many.
   * @return by global pid.
   */
  public List<ProgramInfo> page(long afterGlobalPid, int limit) {
    return programs.tailMap(afterGlobalPid, false).values().stream().limit(limit).toList();
  }
}
