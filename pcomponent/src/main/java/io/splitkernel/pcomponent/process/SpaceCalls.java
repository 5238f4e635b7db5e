package io.splitkernel.pcomponent.process;

import io.splitkernel.pcomponent.space.AddressSpaceModel;

/**
 * What {@link MemoryCalls} needs of an address space of the program's. Its memory calls are carried
 * out one at a time, under its monitor.
 */
interface SpaceCalls {
  /** Number by which the pager knows it. */
  int number();

  /** Its mappings. */
  AddressSpaceModel model();

  /** The task that carries {@link #call} out, whose resource limits count there. */
  int agentTid();

  /** Runs a system call inside the address space; the result is the kernel's. Never -EINTR. */
  long call(long number, long a, long b, long c, long d, long e);

  /**
   * Runs mmap(2) of a file that one of the program's threads has open.
   *
   * @param tid thread that has the descriptor.
   * @param fd its descriptor; the result is -EBADF when there is none.
   */
  long mapFile(int tid, int fd, long address, long bytes, long protection, long flags, long offset);

  /**
   * Reads the program's memory, pages that are away included.
   *
   * @return 0; -EFAULT when not all of it can be read.
   */
  long read(int tid, long address, byte[] into);

  /** Takes back what mlockall(2) has done to the mappings that are the agent's own. */
  void unlockOwn();
}
