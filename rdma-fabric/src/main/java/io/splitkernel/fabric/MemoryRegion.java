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
   * Key for local scatter lists of one connection. Where several providers work at once each has
   * its own; {@link #lkey} is then the one of this machine. Ask once for a connection and keep the
   * answer: control path.
   *
   * @param connection of the same fabric.
   * @return the lkey.
   * @throws FabricException when the connection's provider cannot register the range.
   */
  default int lkeyOn(Connection connection) throws FabricException {
    return lkey();
  }

  /**
   * Key that the peer of one connection needs, on that connection or another one to the same
   * provider; see {@link #lkeyOn}. Never logged.
   *
   * @param connection of the same fabric.
   * @return the rkey.
   * @throws FabricException when the connection's provider cannot register the range.
   */
  default int rkeyOn(Connection connection) throws FabricException {
    return rkey();
  }

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
