package io.splitkernel.pcomponent.fault;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.Userfaultfd;
import io.splitkernel.pcomponent.excache.PageTable;

/**
 * Reads what the kernel tells of the spaces, and gives it to who serves it.
 *
 * <p>Between the moment at which a fork copies an address space and the moment at which its event
 * is read, the page table here must stay as it was, because the child begins with a copy of it. The
 * kernel helps: meanwhile it installs, protects and moves nothing in the parent, and answers EAGAIN
 * before it looks at anything else. What changes the page table without such a call (a range was
 * unmapped, freed or moved, a batch of pages has left) therefore asks {@link #isSettled} first. A
 * fork that begins after the answer finds the program as the table will describe it, since what the
 * caller is about to note has happened in the program before. Pager thread.
 */
final class Messages {
  private final PagerState state;
  private final Forks forks;
  private final FaultServer server;
  private boolean unsettled;

  Messages(PagerState state, Forks forks, FaultServer server) {
    this.state = state;
    this.forks = forks;
    this.server = server;
  }

  /** Reads and serves the messages of a space; how many there were. */
  int read(Space space) {
    if (space == null) {
      return 0;
    }
    Userfaultfd uffd = state.uffd;
    int count = uffd.read(space.uffd);
    if (count <= 0) {
      return 0;
    }
    long now = System.nanoTime();
    // forks first: a page that is installed after the kernel's copy must not count as copied
    for (int i = 0; i < count; i++) {
      if (uffd.event(i) == Userfaultfd.EVENT_FORK) {
        forks.onFork(space, uffd.forkedDescriptor(i), now);
      }
    }
    for (int i = 0; i < count; i++) {
      if (uffd.event(i) == Userfaultfd.EVENT_PAGEFAULT) {
        state.counters.increment(ProcessorCounter.PAGE_FAULTS);
        int kind =
            (uffd.flags(i) & (FaultServer.WRITE | FaultServer.PROTECTED)) | FaultServer.FAULT;
        server.serve(space, uffd.address(i) >>> 12, kind, now);
      }
    }
    return count;
  }

  /**
   * Whether no fork of a space is under way of which the pager does not know yet. When one is, what
   * can be read of it is read, and the caller tries again in a later turn.
   */
  boolean isSettled(Space space) {
    int answer = state.uffd.writeProtect(space.uffd, Beacon.NOWHERE, PageTable.PAGE_BYTES, false);
    if (answer != -Errno.EAGAIN) {
      return true;
    }
    unsettled = true;
    read(space);
    return false;
  }

  /** True once after {@link #isSettled} was false: nothing may tell when it will be true. */
  boolean takeUnsettled() {
    boolean was = unsettled;
    unsettled = false;
    return was;
  }
}
