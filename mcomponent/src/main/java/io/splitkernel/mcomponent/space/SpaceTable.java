package io.splitkernel.mcomponent.space;

import io.splitkernel.fabric.CompletionQueue;
import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.ConnectionRequest;
import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.mcomponent.MemoryCounter;
import io.splitkernel.mcomponent.pool.ExtentPool;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.counters.Counters;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * All address spaces that live here. A space belongs to the control connection that opened it, and
 * only that one may touch or close it. Thread-safe.
 */
public final class SpaceTable implements AutoCloseable {
  private static final int TOKEN_BYTES = 16;

  private final Fabric fabric;
  private final ExtentPool pool;
  private final RegionGrants grants;
  private final SpaceLimits limits;
  private final Counters<MemoryCounter> counters;
  private final SecureRandom random;
  private final CompletionQueue idleQueue;
  private final Map<Long, AddressSpace> spaces = new HashMap<>();
  private boolean closed;

  /** Answer to {@link #open}. */
  public sealed interface OpenOutcome {
    /**
     * Open.
     *
     * @param token 16 bytes that open data connections; never logged.
     */
    record Opened(ByteBuffer token) implements OpenOutcome {
      @Override
      public String toString() {
        return "Opened[token hidden]";
      }
    }

    /** Somebody has it open. */
    record AlreadyOpen() implements OpenOutcome {}

    /** The limit of spaces is reached. */
    record TooMany() implements OpenOutcome {}

    /**
     * It cannot be.
     *
     * @param reason one line.
     */
    record Failed(String reason) implements OpenOutcome {}
  }

  /**
   * Empty.
   *
   * @param fabric for protection domains.
   * @param pool for extents.
   * @param grants which vRegions are ours.
   * @param limits to keep.
   * @param counters to bump.
   * @param random for tokens.
   * @throws FabricException when the fabric is out of resources.
   */
  public SpaceTable(
      Fabric fabric,
      ExtentPool pool,
      RegionGrants grants,
      SpaceLimits limits,
      Counters<MemoryCounter> counters,
      SecureRandom random)
      throws FabricException {
    this.fabric = fabric;
    this.pool = pool;
    this.grants = grants;
    this.limits = limits;
    this.counters = counters;
    this.random = random;
    this.idleQueue = fabric.createCompletionQueue(16);
  }

  /**
   * Opens a space.
   *
   * @param spaceId of the space.
   * @param owner the control connection.
   * @param carrier what carries it; data connections must come by the same provider.
   * @return the answer.
   */
  public synchronized OpenOutcome open(long spaceId, Object owner, Connection carrier) {
    if (closed) {
      return new OpenOutcome.Failed("the component is closing");
    }
    if (spaces.containsKey(spaceId)) {
      return new OpenOutcome.AlreadyOpen();
    }
    if (spaces.size() >= limits.spacesMax()) {
      return new OpenOutcome.TooMany();
    }
    byte[] token = new byte[TOKEN_BYTES];
    random.nextBytes(token);
    try {
      AddressSpace space =
          new AddressSpace(
              spaceId,
              owner,
              carrier,
              token,
              fabric.allocateProtectionDomain(),
              pool,
              grants,
              limits.vRegion(),
              counters);
      spaces.put(spaceId, space);
      counters.set(MemoryCounter.SPACES, spaces.size());
      return new OpenOutcome.Opened(space.token());
    } catch (FabricException e) {
      return new OpenOutcome.Failed(e.getMessage());
    }
  }

  /**
   * Gives the extent that contains an address.
   *
   * @param spaceId of an open space.
   * @param owner who asks.
   * @param address any address in it.
   * @return the answer.
   */
  public ExtentOutcome allocate(long spaceId, Object owner, long address) {
    AddressSpace space = find(spaceId, owner);
    return space == null
        ? new ExtentOutcome.Failed("the space is not open on this connection")
        : space.allocate(address);
  }

  /**
   * Frees one extent, if there is one.
   *
   * @param spaceId of an open space.
   * @param owner who asks.
   * @param address any address in it.
   * @return false when the space is not open for this owner.
   */
  public boolean release(long spaceId, Object owner, long address) {
    AddressSpace space = find(spaceId, owner);
    if (space != null) {
      space.release(address);
    }
    return space != null;
  }

  /**
   * Closes a space.
   *
   * @param spaceId of the space.
   * @param owner who asks.
   * @return false when it is not open for this owner.
   */
  public boolean close(long spaceId, Object owner) {
    return closeIf(s -> s.id() == spaceId && s.owner().equals(owner), "its owner ended it") > 0;
  }

  /**
   * Frees all spaces of a control connection that has ended.
   *
   * @param owner the control connection.
   * @param reason that it ended for.
   */
  public void closeAllOf(Object owner, String reason) {
    counters.add(
        MemoryCounter.SPACES_ORPHANED,
        closeIf(s -> s.owner().equals(owner), "its connection ended: " + reason));
  }

  /**
   * Frees all spaces of a node that the monitor has declared lost.
   *
   * @param nodeId of the processor component.
   * @param reason that the monitor gives.
   */
  public void closeAllOfNode(long nodeId, String reason) {
    counters.add(
        MemoryCounter.SPACES_ORPHANED,
        closeIf(
            s -> NodeIdentity.nodeOf(s.id()) == nodeId,
            "the monitor takes node " + nodeId + " for lost: " + reason));
  }

  private int closeIf(Predicate<AddressSpace> condition, String reason) {
    List<AddressSpace> closing = new ArrayList<>();
    synchronized (this) {
      spaces.values().stream().filter(condition).forEach(closing::add);
    }
    for (AddressSpace space : closing) {
      space.close(reason);
      grants.revoke(space.id());
      synchronized (this) {
        spaces.remove(space.id(), space);
        counters.set(MemoryCounter.SPACES, spaces.size());
      }
    }
    return closing.size();
  }

  /**
   * Accepts or rejects a data connection.
   *
   * @param request of the peer.
   * @param spaceId that it claims.
   * @param tokenHigh upper half of the token that it claims.
   * @param tokenLow lower half.
   */
  public void acceptData(ConnectionRequest request, long spaceId, long tokenHigh, long tokenLow) {
    AddressSpace space;
    synchronized (this) {
      space = spaces.get(spaceId);
    }
    String refusal;
    if (space == null || !space.knows(tokenHigh, tokenLow)) {
      refusal = "no such space, or not its token";
      request.reject(refusal);
    } else {
      refusal = space.accept(request, idleQueue, limits.dataConnectionsMax());
    }
    if (refusal != null) {
      counters.increment(MemoryCounter.REFUSED_DATA_CONNECTIONS);
    }
  }

  private synchronized AddressSpace find(long spaceId, Object owner) {
    AddressSpace space = spaces.get(spaceId);
    return space != null && space.owner().equals(owner) ? space : null;
  }

  /** Frees all spaces; opens no more. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    closeIf(_ -> true, "the component is closing");
    idleQueue.close();
  }
}
