package io.splitkernel.fabric;

/** A protection domain, as in verbs. Thread-safe; control path. */
public interface ProtectionDomain extends AutoCloseable {
  /**
   * Registers a range of memory.
   *
   * @param memory from the same fabric.
   * @param offset start of the range in {@code memory}, any alignment.
   * @param lengthBytes positive.
   * @param iova address by which local and remote work requests name the first byte; congruent with
   *     the buffer address modulo the page size.
   * @param access bits of {@link Access}.
   * @return the region.
   * @throws FabricException for a range outside the memory, an incongruent iova, bad access bits,
   *     or no resources.
   */
  MemoryRegion register(FabricMemory memory, long offset, long lengthBytes, long iova, int access)
      throws FabricException;

  /**
   * Deallocates the domain, after deregistering its regions and closing its connections that are
   * still open.
   */
  @Override
  void close();
}
