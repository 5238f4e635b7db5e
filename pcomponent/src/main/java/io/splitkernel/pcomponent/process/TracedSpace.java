package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.ProcessMemory;
import io.splitkernel.pcomponent.space.AddressSpaceModel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * One supervised address space: shared by the processes whose number {@link #users} counts (vfork,
 * clone), served by one agent. The mapping set and the heap end belong to the call listener; the
 * rest to the tracer.
 */
final class TracedSpace implements SpaceCalls {
  private final int number;
  private final InProgramAgent agent;
  private final AddressSpaceModel model;
  private final int userfaultfd;
  private final boolean forked;
  private int agentTid;
  private int users;
  private long heapEnd;

  /**
   * @param number the pager's number of the space.
   * @param agent inside it.
   * @param model its mappings.
   * @param userfaultfd the pager's descriptor.
   * @param heapEnd program break as last seen, 0 for not yet.
   * @param forked whether it began as a copy of another one.
   */
  TracedSpace(
      int number,
      InProgramAgent agent,
      AddressSpaceModel model,
      int userfaultfd,
      long heapEnd,
      boolean forked) {
    this.number = number;
    this.agent = agent;
    this.model = model;
    this.userfaultfd = userfaultfd;
    this.heapEnd = heapEnd;
    this.forked = forked;
  }

  /** Whether it began as a copy of another one. */
  boolean isForked() {
    return forked;
  }

  @Override
  public int number() {
    return number;
  }

  InProgramAgent agent() {
    return agent;
  }

  @Override
  public AddressSpaceModel model() {
    return model;
  }

  int userfaultfd() {
    return userfaultfd;
  }

  @Override
  public int agentTid() {
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

  @Override
  public long call(long nr, long a, long b, long c, long d, long e) {
    return agent.call(nr, a, b, c, d, e);
  }

  @Override
  public long mapFile(
      int tid, int fd, long address, long bytes, long protection, long flags, long offset) {
    return -Errno.ENOSYS;
  }

  @Override
  public long read(int tid, long address, byte[] into) {
    try (ProcessMemory memory = ProcessMemory.open(tid);
        Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(into.length);
      boolean all =
          memory != null && memory.read(address, bytes.address(), into.length) == into.length;
      MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, 0, into, 0, into.length);
      return all ? 0 : -Errno.EFAULT;
    }
  }

  @Override
  public void unlockOwn() {}
}
