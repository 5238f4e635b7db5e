package io.splitkernel.fabric;

import java.lang.foreign.MemorySegment;

/**
 * Memory that this fabric can register. Control path, except that the bytes of {@link #segment} may
 * be used by any thread.
 */
public interface FabricMemory extends AutoCloseable {
  /**
   * The whole memory in this process; valid until {@link #close}.
   *
   * @return a segment that any thread may access.
   */
  MemorySegment segment();

  /**
   * Length in bytes, a multiple of the page size.
   *
   * @return the length.
   */
  long lengthBytes();

  /**
   * Gives the physical pages of a range back; the range reads as zero afterwards. The range must
   * not lie in a region that is still registered.
   *
   * @param offset page-aligned start.
   * @param lengthBytes page-aligned length.
   * @throws FabricException when the kernel refuses.
   */
  void discard(long offset, long lengthBytes) throws FabricException;

  /** Frees the memory; every region in it must have been deregistered. */
  @Override
  void close();
}
