package io.splitkernel.fabric;

/**
 * A registered range of memory. {@link #close} deregisters it: when it returns no operation of any
 * peer touches the range any more, and later ones fail with {@link
 * CompletionStatus#REMOTE_ACCESS_ERROR}.
 */
public interface MemoryRegion extends AutoCloseable {
  /**
   * Key for local scatter lists.
   *
   * @return the lkey.
   */
  int lkey();

  /**
   * Key that a peer needs. Never logged.
   *
   * @return the rkey.
   */
  int rkey();

  /**
   * Address of the first byte in work requests.
   *
   * @return the IO virtual address.
   */
  long iova();

  /**
   * Length in bytes.
   *
   * @return the length.
   */
  long lengthBytes();

  @Override
  void close();
}
