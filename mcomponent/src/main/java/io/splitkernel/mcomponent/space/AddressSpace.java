package io.splitkernel.mcomponent.space;

import io.splitkernel.fabric.Access;
import io.splitkernel.fabric.CompletionQueue;
import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.ConnectionRequest;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.MemoryRegion;
import io.splitkernel.fabric.ProtectionDomain;
import io.splitkernel.mcomponent.MemoryCounter;
import io.splitkernel.mcomponent.pool.ExtentPool;
import io.splitkernel.protocol.counters.Counters;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * One program's address space: a protection domain, its extents, and the data connections into it.
 * Thread-safe. Freed in the order that keeps it safe: connections, registrations, scrub, pool.
 */
final class AddressSpace {
  private static final long ADDRESS_MAX = 1L << 57;

  private final long id;
  private final Object owner;
  private final Connection carrier;
  private final byte[] token;
  private final ProtectionDomain domain;
  private final ExtentPool pool;
  private final RegionGrants grants;
  private final VRegionLength vRegion;
  private final Counters<MemoryCounter> counters;
  private final Map<Long, Extent> extents = new HashMap<>();
  private final Set<Connection> dataConnections = new HashSet<>();
  private boolean closed;
  private String closedBecause;

  private record Extent(int number, MemoryRegion region, int rkey) {}

  AddressSpace(
      long id,
      Object owner,
      Connection carrier,
      byte[] token,
      ProtectionDomain domain,
      ExtentPool pool,
      RegionGrants grants,
      VRegionLength vRegion,
      Counters<MemoryCounter> counters) {
    this.id = id;
    this.owner = owner;
    this.carrier = carrier;
    this.token = token;
    this.domain = domain;
    this.pool = pool;
    this.grants = grants;
    this.vRegion = vRegion;
    this.counters = counters;
  }

  long id() {
    return id;
  }

  /** Whose control connection opened it. */
  Object owner() {
    return owner;
  }

  synchronized ExtentOutcome allocate(long address) {
    if (closed) {
      return new ExtentOutcome.Failed("the space is closed: " + closedBecause);
    }
    if (address < 0 || address >= ADDRESS_MAX) {
      return new ExtentOutcome.Failed("0x" + Long.toHexString(address) + " is no user address");
    }
    long extentAddress = address & -pool.extentBytes();
    Extent present = extents.get(extentAddress);
    if (present != null) {
      return new ExtentOutcome.Granted(extentAddress, present.rkey());
    }
    if (!grants.owns(id, extentAddress / vRegion.bytes())) {
      counters.increment(MemoryCounter.WRONG_OWNER);
      return new ExtentOutcome.WrongOwner();
    }
    return materialise(extentAddress);
  }

  private ExtentOutcome materialise(long extentAddress) {
    int number = pool.take();
    if (number == ExtentPool.EXHAUSTED) {
      counters.increment(MemoryCounter.EXTENTS_REFUSED);
      return new ExtentOutcome.NoCapacity();
    }
    MemoryRegion region = null;
    int rkey;
    try {
      region =
          domain.register(
              pool.memory(), pool.offset(number), pool.extentBytes(), extentAddress, Access.ALL);
      rkey = region.rkeyOn(carrier);
    } catch (FabricException e) {
      if (region != null) {
        region.close();
      }
      pool.give(number);
      return new ExtentOutcome.Failed(e.getMessage());
    }
    extents.put(extentAddress, new Extent(number, region, rkey));
    counters.increment(MemoryCounter.EXTENTS_ALLOCATED);
    counters.increment(MemoryCounter.EXTENTS_IN_USE);
    counters.add(MemoryCounter.BYTES_IN_USE, pool.extentBytes());
    return new ExtentOutcome.Granted(extentAddress, rkey);
  }

  synchronized void release(long address) {
    Extent extent = extents.remove(address & -pool.extentBytes());
    if (extent != null) {
      free(extent);
    }
  }

  private void free(Extent extent) {
    extent.region().close();
    counters.add(MemoryCounter.EXTENTS_IN_USE, -1);
    counters.add(MemoryCounter.BYTES_IN_USE, -pool.extentBytes());
    counters.increment(
        pool.give(extent.number())
            ? MemoryCounter.EXTENTS_FREED
            : MemoryCounter.EXTENTS_QUARANTINED);
  }

  boolean knows(long tokenHigh, long tokenLow) {
    byte[] claimed = ByteBuffer.allocate(token.length).putLong(tokenHigh).putLong(tokenLow).array();
    return MessageDigest.isEqual(token, claimed);
  }

  ByteBuffer token() {
    return ByteBuffer.wrap(token).asReadOnlyBuffer();
  }

  /** Accepts a data connection, or says why not. */
  String accept(ConnectionRequest request, CompletionQueue idleQueue, int dataConnectionsMax) {
    synchronized (this) {
      if (closed) {
        return refuse(request, "the space is closed: " + closedBecause);
      }
      if (dataConnections.size() >= dataConnectionsMax) {
        return refuse(request, "the space has " + dataConnectionsMax + " data connections already");
      }
      Connection connection;
      try {
        connection =
            request.accept(
                new ConnectionConfig(
                    domain,
                    idleQueue,
                    idleQueue,
                    1,
                    1,
                    Access.ALL,
                    ConnectionConfig.RETRY_TIMEOUT_NS_DEFAULT));
      } catch (FabricException e) {
        return e.getMessage();
      }
      if (!connection.provider().equals(carrier.provider())) {
        connection.close(); // the keys that its peer has are another provider's
        return "by " + connection.provider() + ", but its control by " + carrier.provider();
      }
      dataConnections.add(connection);
      counters.increment(MemoryCounter.DATA_CONNECTIONS);
      connection.onDisconnect(() -> Thread.startVirtualThread(() -> drop(connection)));
      return null;
    }
  }

  private static String refuse(ConnectionRequest request, String reason) {
    request.reject(reason);
    return reason;
  }

  private synchronized void drop(Connection connection) {
    if (dataConnections.remove(connection)) {
      counters.add(MemoryCounter.DATA_CONNECTIONS, -1);
      connection.close();
    }
  }

  /**
   * Frees everything. Idempotent.
   *
   * @param reason for those who come later.
   */
  synchronized void close(String reason) {
    if (closed) {
      return;
    }
    closed = true;
    closedBecause = reason;
    counters.add(MemoryCounter.DATA_CONNECTIONS, -dataConnections.size());
    dataConnections.forEach(Connection::close);
    dataConnections.clear();
    extents.values().forEach(this::free);
    extents.clear();
    domain.close();
  }
}
