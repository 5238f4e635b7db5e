package io.splitkernel.fabric;

/**
 * One provider instance: the device context from which everything else is made. Thread-safe;
 * control path. {@link #close} closes whatever was made from it and is still open.
 */
public interface Fabric extends AutoCloseable {
  /**
   * Provider name as users write it: {@code shm}, {@code verbs} or {@code sim}; joined by a plus
   * sign where several work at once.
   *
   * @return the name.
   */
  String name();

  /**
   * Hard limits of this instance.
   *
   * @return the limits.
   */
  FabricLimits limits();

  /**
   * Allocates a protection domain. Regions and connections of different domains cannot reach each
   * other.
   *
   * @return the new domain.
   * @throws FabricException when the provider is out of resources.
   */
  ProtectionDomain allocateProtectionDomain() throws FabricException;

  /**
   * Creates a completion queue.
   *
   * @param entriesMin completions that it must hold, at least 1; overrun is an error state of the
   *     connections that feed it, so size it for all of their queues.
   * @return the queue.
   * @throws FabricException when {@code entriesMin} exceeds the limits.
   */
  CompletionQueue createCompletionQueue(int entriesMin) throws FabricException;

  /**
   * Allocates zeroed, page-aligned memory that regions of this fabric may lie in. Pages cost
   * physical memory only once touched.
   *
   * @param lengthBytes positive; rounded up to whole pages.
   * @param label shown in diagnostics ({@code /proc/PID/maps} on shm), ASCII, up to 32 characters.
   * @return the memory, owned by the caller.
   * @throws FabricException when the memory cannot be had.
   */
  FabricMemory allocateMemory(long lengthBytes, String label) throws FabricException;

  /**
   * Takes in memory that another fabric of this process has allocated, so that regions of this one
   * can lie in it too.
   *
   * @param memory of another fabric; must outlive what is returned.
   * @return the same bytes as memory of this fabric, owned by the caller; closing it frees nothing.
   * @throws FabricException when the provider cannot use memory that it has not allocated.
   */
  default FabricMemory adopt(FabricMemory memory) throws FabricException {
    throw new FabricException(name() + ": memory of another fabric cannot be used");
  }

  /**
   * Listens for connections.
   *
   * @param address local address; port 0 chooses a free one.
   * @return the listener; its {@link Listener#address} carries the port.
   * @throws FabricException when the address is taken or not local.
   */
  Listener listen(FabricAddress address) throws FabricException;

  /**
   * Connects to a listener and waits until it has accepted.
   *
   * @param remote where a peer listens.
   * @param config queues and depths of this end.
   * @param privateData up to {@link FabricLimits#PRIVATE_DATA_BYTES_MAX} bytes handed to the
   *     acceptor; copied.
   * @param timeoutNs longest wait.
   * @return the established connection.
   * @throws UnreachableException when nothing listens there, or not within this provider's reach.
   * @throws FabricException when refused, rejected or too late.
   */
  Connection connect(
      FabricAddress remote, ConnectionConfig config, byte[] privateData, long timeoutNs)
      throws FabricException;

  @Override
  void close();
}
