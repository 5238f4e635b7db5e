package io.splitkernel.pcomponent.fault;

import io.splitkernel.ffi.Layout;
import io.splitkernel.pcomponent.space.AddressSpaceModel;

/**
 * What process supervision tells the pager about address spaces. Every method may be called from
 * any thread, blocks until the pager has done it (bounded by the pager's deadline, after which it
 * throws {@link IllegalStateException}), and is control path. A space is named by the small
 * positive number that {@link #attach} gave, or that its beacon page holds. A space that has ended
 * or never was is no error: whatever is asked of it is done already, or answers -ESRCH.
 *
 * <p>The beacon is a page at {@link #BEACON_ADDRESS} of every space that has one mapped and
 * registered there: bytes 0-7 are {@link #nonce}, bytes 8-15 the number of the space. It is wiped
 * on fork, and the pager installs the child's own when it reads of the fork.
 */
public interface AddressSpaces {
  /** Where the beacon page is in every address space. */
  long BEACON_ADDRESS = Layout.of("LEGO_BEACON_ADDRESS");

  /**
   * What the beacon pages of this pager begin with, so that those of another one are told apart.
   *
   * @return a random number, not 0.
   */
  long nonce();

  /**
   * Takes over a fresh address space, and installs its beacon.
   *
   * @param uffd userfaultfd of it, with the UFFDIO_API handshake done by the caller (features
   *     PAGEFAULT_FLAG_WP, THREAD_ID, EVENT_FORK, MOVE); owned by the pager from now on.
   * @param agent its agent.
   * @param pid a process that lives in it, for messages.
   * @return the number of the space.
   */
  int attach(int uffd, AddressSpaceAgent agent, int pid);

  /**
   * Gives an agent to a space that has none: a forked child, of which the pager knows by the
   * kernel's fork event, or a space whose agent has ended.
   *
   * @param space number of the space.
   * @param agent its agent from now on.
   * @param pid a process that lives in it.
   * @return 0; -ESRCH when there is no such space any more; -ENOMEM when memory of it is lost,
   *     after which it must not run.
   */
  int claim(int space, AddressSpaceAgent agent, int pid);

  /**
   * Takes the agent from a space; when this returns the pager does not use it any more, and it may
   * be ended. Nothing is evicted from the space until it is claimed again. When its last process
   * has gone the space ends by itself, see {@link Listener#onSpaceEnded}. Idempotent.
   *
   * @param space number of the space.
   */
  void unclaim(int space);

  /** Waits for the end of all spaces, after the last process has ended. */
  void settle();

  /**
   * The mappings of a space, thread-safe; a forked child begins with a copy of its parent's, taken
   * when the fork event is read.
   *
   * @param space number of the space.
   * @return its model, or null when there is no such space.
   */
  AddressSpaceModel model(int space);

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
   * Waits until nothing of a range is under way and keeps it so: until {@link #release} no fault in
   * it is served, and nothing of it is evicted or installed. Holds may overlap.
   *
   * @param space number of the space.
   * @param start page-aligned.
   * @param end page-aligned, exclusive.
   */
  void hold(int space, long start, long end);

  /**
   * Ends one {@link #hold} of the same range; the faults that waited are served.
   *
   * @param space number of the space.
   * @param start page-aligned.
   * @param end page-aligned, exclusive.
   */
  void release(int space, long start, long end);

  /**
   * Forgets the contents of a range which the kernel has unmapped, freed or mapped over, or is
   * about to free (MADV_DONTNEED): evictions under way in it are finished first; afterwards
   * untouched pages of it are zero. A child that was forked before keeps its own. Works inside a
   * hold too.
   *
   * @param space number of the space.
   * @param start page-aligned.
   * @param end page-aligned, exclusive.
   */
  void drop(int space, long start, long end);

  /**
   * Carries the state of pages to another address after a successful mremap, inside holds of both
   * ranges; the new range is registered already. Moved resident pages count as dirty.
   *
   * @param space number of the space.
   * @param from old start, page-aligned.
   * @param to new start, page-aligned.
   * @param length bytes, page multiple.
   */
  void move(int space, long from, long to, long length);

  /**
   * Pages that must not leave the program until they are dropped; those that are away are brought
   * in. They take lines of the cache for good, so few may be kept.
   *
   * @param space number of the space.
   * @param start page-aligned.
   * @param end page-aligned, exclusive.
   */
  void keep(int space, long start, long end);

  /**
   * Brings a range into the program and unregisters it: it is no longer supervised. Needs no agent.
   *
   * @param space number of the space.
   * @param start page-aligned.
   * @param end page-aligned, exclusive.
   * @return 0, or {@code -errno}, after which a part of it may be local.
   */
  int localize(int space, long start, long end);

  /**
   * The userfaultfd of a space, which stays the pager's.
   *
   * @param space number of the space.
   * @return its descriptor, or -1 when there is no such space.
   */
  int userfaultfd(int space);

  /**
   * Bytes of all program pages that exist anywhere (resident, victim or remote), for admission of
   * new mappings. Any thread, does not block.
   *
   * @return bytes in use over all spaces.
   */
  long bytesInUse();

  /** Told, on a thread of the pager, about what supervision must act upon. Must not block. */
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

    /**
     * A space that nobody claims has ended: its address space is gone.
     *
     * @param space its former number, which may be given to another one.
     * @param awayBytes what it had elsewhere than in the program's memory.
     */
    void onSpaceEnded(int space, long awayBytes);

    /**
     * A space that nobody has claimed holds pages that ought to be evicted. Told about once a
     * second for as long as it is so.
     *
     * @param space its number.
     */
    void onAgentWanted(int space);

    /**
     * A thread of the pager has died: no fault is served any more, everything must end. Told by
     * that thread, once.
     *
     * @param reason one line.
     */
    void onPagerFailed(String reason);
  }
}
