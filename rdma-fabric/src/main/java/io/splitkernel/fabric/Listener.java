package io.splitkernel.fabric;

/** A listening endpoint. Any thread may accept; control path. */
public interface Listener extends AutoCloseable {
  /**
   * The bound address with its real port.
   *
   * @return the address.
   */
  FabricAddress address();

  /**
   * Waits for the next connection request.
   *
   * @param timeoutNs longest wait; 0 polls.
   * @return the request, or null when none came in time or the listener was closed.
   * @throws FabricException when listening broke.
   */
  ConnectionRequest accept(long timeoutNs) throws FabricException;

  /** True once {@link #close} was called. */
  boolean isClosed();

  @Override
  void close();
}
