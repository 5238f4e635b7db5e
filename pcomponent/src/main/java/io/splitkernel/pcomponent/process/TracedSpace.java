package io.splitkernel.pcomponent.process;

/**
 * One supervised address space: shared by the processes whose number {@link #users} counts (vfork,
 * clone), served by one agent. The mapping set and the heap end belong to the call listener; the
 * rest to the tracer.
 */
final class TracedSpace {
  private final int number;
  private final InProgramAgent agent;
  private final MappingSet mappings;
  private final int userfaultfd;
  private final boolean forked;
  private int agentTid;
  private int users;
  private long heapEnd;

  /**
   * @param number the pager's number of the space.
   * @param agent inside it.
   * @param mappings its supervised ranges.
   * @param userfaultfd the pager's descriptor.
   * @param heapEnd program break as last seen, 0 for not yet.
   * @param forked whether it began as a copy of another one.
   */
  TracedSpace(
      int number,
      InProgramAgent agent,
      MappingSet mappings,
      int userfaultfd,
      long heapEnd,
      boolean forked) {
    this.number = number;
    this.agent = agent;
    this.mappings = mappings;
    this.userfaultfd = userfaultfd;
    this.heapEnd = heapEnd;
    this.forked = forked;
  }

  /** Whether it began as a copy of another one. */
  boolean isForked() {
    return forked;
  }

  int number() {
    return number;
  }

  InProgramAgent agent() {
    return agent;
  }

  MappingSet mappings() {
    return mappings;
  }

  int userfaultfd() {
    return userfaultfd;
  }

  int agentTid() {
    return agentTid;
  }

  void agentTid(int tid) {
    agentTid = tid;
  }

  synchronized long heapEnd() {
    return heapEnd;
  }

  synchronized void heapEnd(long address) {
    heapEnd = address;
  }

  void addUser() {
    users++;
  }

  /** True when the last user has left. */
  boolean removeUser() {
    return --users == 0;
  }
}
