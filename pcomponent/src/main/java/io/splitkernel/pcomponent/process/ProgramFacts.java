package io.splitkernel.pcomponent.process;

import java.util.List;

/** What the kernel tells of a thread of the program and of its address space. Control path. */
interface ProgramFacts {
  /** The mappings that meet a range, cut to it, one for each area of the kernel's. */
  List<ProcMaps.Range> areas(int tid, long start, long end);

  /** The whole mapping at an address, or null. */
  ProcMaps.Range area(int tid, long address);

  /** Gives an agent the program's own limits for memory (getrlimit(2)), which calls are held to. */
  void lendLimits(int tid, int agentTid);

  /** RLIMIT_MEMLOCK, or Long.MAX_VALUE for no limit or the capability to lock. */
  long lockLimitBytes(int tid);

  /** Bytes that the address space has locked. */
  long lockedBytes(int tid);

  /** Bytes of the whole address space. */
  long sizeBytes(int tid);

  /** Whether a process descriptor of the program's, or PIDFD_SELF, is its own process. */
  boolean isItself(int tid, int pidFd);

  /** Name of the file behind a descriptor, empty when there is none. */
  String path(int tid, int fd);

  /** Size of a System V shared memory segment, 0 when it is not known. */
  long segmentBytes(int id);

  /** Whether mremap(2) moves a range that is made of several areas (since Linux 6.17). */
  boolean movesSeveralAreas();

  /** Whether the kernel merges like pages (CONFIG_KSM). */
  boolean mergesPages();
}
