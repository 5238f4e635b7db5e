package io.splitkernel.pcomponent.fault;

/**
 * Runs inside one address space what only its owner may do. Each address space has one. Blocking;
 * called by one thread at a time (the evictor); every call has a deadline and answers false when
 * the address space is gone, after which its pages need no care any more.
 */
public interface AddressSpaceAgent {
  /**
   * Moves pages out of the program atomically (UFFDIO_MOVE to a staging area, copy to the transfer
   * window, staging freed). A page that is shared by copy-on-write is made exclusive first. Result
   * 0: the page is absent from the program now and its bytes are in the batch. -ENOENT: it was not
   * present. -EBUSY: it is pinned and stays. -EINVAL: its area cannot be moved from (not both
   * readable and writable), use {@link #readInPlace} and {@link #discard}.
   *
   * @param batch addresses in, results and contents out.
   * @return false when the address space is gone.
   */
  boolean moveOut(EvictionBatch batch);

  /**
   * Reads pages where they are, whatever their protection, without faulting absent ones in. The
   * caller has write-protected them. Result 0, or -EIO when absent.
   *
   * @param batch addresses in, results and contents out.
   * @return false when the address space is gone.
   */
  boolean readInPlace(EvictionBatch batch);

  /**
   * Frees pages (MADV_DONTNEED) whose result in the batch is 0.
   *
   * @param batch addresses in, results out.
   * @return false when the address space is gone.
   */
  boolean discard(EvictionBatch batch);
}
