package io.splitkernel.protocol.memory;

import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.Secret;
import java.util.List;
import java.util.function.Consumer;

/**
 * A processor component's control connection to one memory component. Spaces live as long as it:
 * when it ends, by {@link #close} or by the death of either side, the component frees everything of
 * the spaces that were opened on it. Blocking calls with deadlines; any control thread.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class MemoryClient implements AutoCloseable {
  private MemoryClient() {}

  /**
   * Connects and joins.
   *
   * @param fabric of this process; stays the caller's.
   * @param address where the memory component listens.
   * @param secret of the cluster.
   * @param identity of this node; spaces must carry its node id.
   * @param timeoutNs longest time for connecting and joining, and the deadline of every later call.
   * @return the client.
   * @throws FabricException when unreachable, too late, or the secrets differ.
   */
  public static MemoryClient connect(
      Fabric fabric, FabricAddress address, Secret secret, NodeIdentity identity, long timeoutNs)
      throws FabricException {
    throw new UnsupportedOperationException();
  }

  /**
   * Opens an address space.
   *
   * @param spaceId with this node's id in its upper 32 bits.
   * @return the answer.
   */
  public OpenSpaceResult openSpace(long spaceId) {
    throw new UnsupportedOperationException();
  }

  /**
   * Gives the extent that contains an address, materialising it when it does not exist yet.
   *
   * @param spaceId of an open space.
   * @param address any address of the program.
   * @return the answer.
   */
  public ExtentResult allocateExtent(long spaceId, long address) {
    return allocateExtents(spaceId, address).getFirst();
  }

  /**
   * As {@link #allocateExtent} for several addresses with one message.
   *
   * @param spaceId of an open space.
   * @param addresses 1 to {@link #batchMax} addresses.
   * @return one answer per address, in order.
   */
  public List<ExtentResult> allocateExtents(long spaceId, long... addresses) {
    throw new UnsupportedOperationException();
  }

  /**
   * Most addresses of one batch.
   *
   * @return the limit.
   */
  public int batchMax() {
    throw new UnsupportedOperationException();
  }

  /**
   * Frees extents: they are deregistered, and scrubbed before anything else uses their memory.
   *
   * @param spaceId of an open space.
   * @param extentAddresses 1 to {@link #batchMax} addresses in extents; one without extent is
   *     ignored.
   * @return the answer.
   */
  public ReleaseResult releaseExtents(long spaceId, long... extentAddresses) {
    throw new UnsupportedOperationException();
  }

  /**
   * Closes a space: its data connections are closed and its extents freed.
   *
   * @param spaceId of an open space.
   * @return the answer.
   */
  public ReleaseResult closeSpace(long spaceId) {
    throw new UnsupportedOperationException();
  }

  /**
   * Opens a data connection into an open space; one-sided operations on it reach the space's
   * extents and nothing else.
   *
   * @param spaceId of an open space.
   * @param config queues of this end.
   * @param timeoutNs longest wait.
   * @return the connection, owned by the caller.
   * @throws FabricException when the space is not open here, or the component is unreachable,
   *     refuses, or is too late.
   */
  public Connection openData(long spaceId, ConnectionConfig config, long timeoutNs)
      throws FabricException {
    throw new UnsupportedOperationException();
  }

  /**
   * Where the component listens.
   *
   * @return its address.
   */
  public FabricAddress address() {
    throw new UnsupportedOperationException();
  }

  /**
   * Runs a callback once when the component is lost; at once when it already is. Not called for
   * {@link #close}.
   *
   * @param callback gets the reason in one line; must not block.
   */
  public void onLost(Consumer<String> callback) {
    throw new UnsupportedOperationException();
  }

  /** Ends the connection; the component frees every space of it. Idempotent. */
  @Override
  public void close() {}
}
