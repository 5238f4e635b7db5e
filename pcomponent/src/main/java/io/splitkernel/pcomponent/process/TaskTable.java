package io.splitkernel.pcomponent.process;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Predicate;

/**
 * Every live thread and agent of the family. Written by the tracer alone, read by the call listener
 * and by whoever must kill a space.
 */
final class TaskTable {
  private final ConcurrentMap<Integer, TracedProcess> byThread = new ConcurrentHashMap<>();
  private final ConcurrentMap<Integer, TracedSpace> byAgent = new ConcurrentHashMap<>();

  void addThread(int tid, TracedProcess process) {
    byThread.put(tid, process);
  }

  TracedProcess removeThread(int tid) {
    return byThread.remove(tid);
  }

  TracedProcess process(int tid) {
    return byThread.get(tid);
  }

  /** After exec only one thread is left. */
  void keepOnlyLeader(TracedProcess process) {
    byThread.entrySet().removeIf(e -> e.getValue() == process && e.getKey() != process.pid());
    byThread.put(process.pid(), process);
  }

  void addAgent(int tid, TracedSpace space) {
    byAgent.put(tid, space);
  }

  TracedSpace agent(int tid) {
    return byAgent.get(tid);
  }

  TracedSpace removeAgent(int tid) {
    return byAgent.remove(tid);
  }

  /** Pids of the processes that live in the space that has a number now. */
  List<Integer> pidsIn(int spaceNumber) {
    return pidsWhere(space -> space.number() == spaceNumber);
  }

  /** Pids of the processes that live in a space; numbers are used again, spaces are not. */
  List<Integer> pidsIn(TracedSpace wanted) {
    return pidsWhere(space -> space == wanted);
  }

  private List<Integer> pidsWhere(Predicate<TracedSpace> matches) {
    List<Integer> pids = new ArrayList<>();
    for (TracedProcess process : byThread.values()) {
      TracedSpace space = process.space();
      if (space != null && matches.test(space) && !pids.contains(process.pid())) {
        pids.add(process.pid());
      }
    }
    return pids;
  }

  List<Integer> pids() {
    return byThread.values().stream().map(TracedProcess::pid).distinct().toList();
  }

  boolean isEmpty() {
    return byThread.isEmpty() && byAgent.isEmpty();
  }
}
