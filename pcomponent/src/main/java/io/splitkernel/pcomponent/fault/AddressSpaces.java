package io.splitkernel.pcomponent.fault;

/**
 * What process supervision tells the pager about address spaces. Every method may be called from
 * any thread, blocks until the pager has done it (bounded by the pager's deadline, after which it
 * throws {@link IllegalStateException}), and is control path. A space is named by the small
 * positive number that {@link #attach} gave.
 */
public interface AddressSpaces {
  /**
   * Takes over a fresh address space.
   *
   * @param uffd userfaultfd of it, with the UFFDIO_API handshake done by the caller (features
   *     PAGEFAULT_FLAG_WP, THREAD_ID, EVENT_FORK, MOVE); owned by the pager from now on.
   * @param agent its agent.
   * @param pid a process that lives in it, for messages.
   * @return the number of the space.
   */
  int attach(int uffd, AddressSpaceAgent agent, int pid);

  /**
   * Registers a range for missing and write-protect faults. Pages that are present already (the
   * stack at exec, for example) are found through /proc/PID/pagemap and count as resident and
   * dirty.
   *
   * @param space number of the space.
   * @param start page-aligned.
   * @param end page-aligned, exclusive.
   * @param mayBePopulated whether to look for present pages.
   * @return 0, or {@code -errno} of UFFDIO_REGISTER.
   */
  int register(int space, long start, long end, boolean mayBePopulated);

  /**
   * Forgets a range, before the caller unmaps it, frees it (MADV_DONTNEED) or maps over it:
   * evictions under way in it are finished first; afterwards untouched pages of it are zero.
   *
   * @param space number of the space.
   * @param start page-aligned.
   * @param end page-aligned, exclusive.
   */
  void drop(int space, long start, long end);

  /**
   * Quiesces a range before mremap: until {@link #endMove} nothing of it is evicted or installed.
   *
   * @param space number of the space.
   * @param start page-aligned.
   * @param end page-aligned, exclusive.
   */
  void beginMove(int space, long start, long end);

  /**
   * Ends a move. When it succeeded the caller has already registered the new range, {@code length}
   * bytes of page state go from {@code from} to {@code to} (which are equal when it failed or
   * stayed in place), moved resident pages count as dirty, and non-resident contents become
   * reachable at their new address.
   *
   * @param space number of the space.
   * @param from old start.
   * @param to new start.
   * @param length bytes whose state moves, page multiple.
   */
  void endMove(int space, long from, long to, long length);

  /**
   * Finds the space that the kernel's fork event announced for a child of {@code parent}, waiting
   * for the event if need be. When several forks of the parent are unclaimed, the child is told
   * apart by {@code probe}, the start of a page that is mapped only in the child, shared memory,
   * not registered (registration of it succeeds through the child's userfaultfd only).
   *
   * @param parent number of the parent's space.
   * @param probe page-aligned address mapped in the child only.
   * @param agent agent of the child.
   * @param pid the child.
   * @return the number of the child's space; -ESRCH when the child was killed before it ran;
   *     -ENOMEM when memory of it is lost, after which it must not run.
   */
  int claimForked(int parent, long probe, AddressSpaceAgent agent, int pid);

  /**
   * Says that a forked child of {@code parent} died before it could be claimed: a space that the
   * kernel's fork event announced for it, if there is one, is given up.
   *
   * @param parent number of the parent's space.
   */
  void abandonForked(int parent);

  /**
   * The userfaultfd of a space, which stays the pager's.
   *
   * @param space number of the space.
   * @return its descriptor.
   */
  int userfaultfd(int space);

  /**
   * Ends a space after its last process has exited or exec'ed: its pages are forgotten, its remote
   * memory is freed as soon as no forked descendant needs it, its userfaultfd is closed.
   *
   * @param space number of the space.
   */
  void detach(int space);

  /**
   * Bytes of all program pages that exist anywhere (resident, victim or remote), for admission of
   * new mappings. Any thread, does not block.
   *
   * @return bytes in use over all spaces.
   */
  long bytesInUse();

  /** Told, on the pager's thread, about what supervision must act upon. Must not block. */
  interface Listener {
    /**
     * The program needs more memory than there is; it must be killed.
     *
     * @param space its space.
     * @param reason one line.
     */
    void onOutOfMemory(int space, String reason);

    /**
     * Pages of the program are lost with a memory component; it must be killed.
     *
     * @param space its space.
     * @param reason one line.
     */
    void onMemoryLost(int space, String reason);
  }
}
