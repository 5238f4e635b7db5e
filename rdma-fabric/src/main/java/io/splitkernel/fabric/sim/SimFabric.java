package io.splitkernel.fabric.sim;

import io.splitkernel.fabric.CompletionQueue;
import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.FabricLimits;
import io.splitkernel.fabric.FabricMemory;
import io.splitkernel.fabric.ProtectionDomain;
import io.splitkernel.fabric.UnreachableException;
import io.splitkernel.fabric.WorkRequest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One simulated node's fabric. */
public final class SimFabric implements Fabric {
  static final int QUEUE_DEPTH_MAX = 16_384;
  static final int INLINE_BYTES_MAX = 256;
  static final long MESSAGE_BYTES_MAX = 1L << 30;
  private static final long MEMORY_BYTES_MAX = 1L << 46;
  private static final int KEY_STRIDE = 0x101;

  private final SimNetwork network;
  private final String node;
  private final Map<Integer, SimRegion> regions = new HashMap<>();
  private final Set<AutoCloseable> made = new LinkedHashSet<>();
  private final ArrayDeque<CompletionStatus> injected = new ArrayDeque<>();
  private int connections;
  private int keys;
  private boolean closed;

  SimFabric(SimNetwork network, String node) {
    this.network = network;
    this.node = node;
  }

  @Override
  public String name() {
    return "sim";
  }

  /** Name of the node. */
  public String node() {
    return node;
  }

  /** The next request of this node that runs ends with this status instead, and does nothing. */
  public void failNext(CompletionStatus status) {
    synchronized (network) {
      injected.add(status);
    }
  }

  CompletionStatus takeInjected() {
    return injected.poll();
  }

  SimNetwork network() {
    return network;
  }

  @Override
  public FabricLimits limits() {
    return new FabricLimits(
        QUEUE_DEPTH_MAX,
        WorkRequest.SCATTER_MAX,
        INLINE_BYTES_MAX,
        MESSAGE_BYTES_MAX,
        MEMORY_BYTES_MAX,
        true);
  }

  @Override
  public ProtectionDomain allocateProtectionDomain() throws FabricException {
    synchronized (network) {
      checkOpen();
      return keep(new SimDomain(this));
    }
  }

  @Override
  public CompletionQueue createCompletionQueue(int entriesMin) throws FabricException {
    synchronized (network) {
      checkOpen();
      if (entriesMin < 1) {
        throw new FabricException("createCompletionQueue(" + entriesMin + "): needs at least 1");
      }
      return keep(new SimCompletionQueue(this));
    }
  }

  @Override
  public FabricMemory allocateMemory(long lengthBytes, String label) throws FabricException {
    synchronized (network) {
      checkOpen();
      if (lengthBytes <= 0 || lengthBytes > MEMORY_BYTES_MAX) {
        throw new FabricException("allocateMemory(" + lengthBytes + "): out of range");
      }
      return keep(new SimMemory(this, lengthBytes));
    }
  }

  @Override
  public SimListener listen(FabricAddress address) throws FabricException {
    synchronized (network) {
      checkOpen();
      return keep(SimListener.open(this, address));
    }
  }

  @Override
  public Connection connect(
      FabricAddress remote, ConnectionConfig config, byte[] privateData, long timeoutNs)
      throws FabricException {
    synchronized (network) {
      checkOpen();
      checkUsable(config);
      FabricLimits.checkPrivateData(remote, privateData);
      SimListener listener = network.listener(remote);
      if (listener == null) {
        throw new UnreachableException(
            "connect(" + remote + "): nothing listens there; is the component up?");
      }
      SimConnectionRequest request =
          new SimConnectionRequest(this, listener, config, privateData.clone());
      listener.offer(request);
      long deadline = network.nanoTime() + timeoutNs;
      boolean mayChange = true;
      while (mayChange && !request.isDecided()) {
        mayChange = network.awaitChange(deadline);
      }
      return request.outcome(remote);
    }
  }

  void checkUsable(ConnectionConfig config) throws FabricException {
    if (!(config.protectionDomain() instanceof SimDomain domain)
        || domain.fabric() != this
        || !made.contains(domain)
        || !made.contains(config.sendQueue())
        || !made.contains(config.receiveQueue())) {
      throw new FabricException(
          "the connection's protection domain and queues must be open and of this fabric");
    }
    if (config.sendDepth() > QUEUE_DEPTH_MAX || config.receiveDepth() > QUEUE_DEPTH_MAX) {
      throw new FabricException(
          "queue depths "
              + config.sendDepth()
              + " and "
              + config.receiveDepth()
              + " exceed the limit of "
              + QUEUE_DEPTH_MAX);
    }
  }

  private void checkOpen() throws FabricException {
    if (closed) {
      throw new FabricException("the fabric is closed");
    }
  }

  <T extends AutoCloseable> T keep(T object) {
    made.add(object);
    return object;
  }

  void forget(AutoCloseable object) {
    made.remove(object);
  }

  int nextConnection() {
    return ++connections;
  }

  int add(SimRegion region) {
    int key = ++keys * KEY_STRIDE;
    regions.put(key, region);
    return key;
  }

  void remove(int key) {
    regions.remove(key);
  }

  /** Address of a range by key, or 0 when the key does not give the access. */
  long resolve(int key, SimDomain domain, int access, long address, long lengthBytes) {
    SimRegion region = regions.get(key);
    return region == null ? 0 : region.resolve(domain, access, address, lengthBytes);
  }

  @Override
  public void close() {
    synchronized (network) {
      if (closed) {
        return;
      }
      closed = true;
      closeMade(SimListener.class);
      closeMade(SimConnection.class);
      closeMade(SimDomain.class);
      closeMade(SimMemory.class);
      closeMade(SimCompletionQueue.class);
    }
  }

  private void closeMade(Class<? extends AutoCloseable> kind) {
    for (AutoCloseable object : List.copyOf(new ArrayList<>(made))) {
      if (kind.isInstance(object)) {
        close(object);
      }
    }
  }

  private static void close(AutoCloseable object) {
    switch (object) {
      case SimListener listener -> listener.close();
      case SimConnection connection -> connection.close();
      case SimDomain domain -> domain.close();
      case SimMemory memory -> memory.close();
      case SimCompletionQueue queue -> queue.close();
      default -> throw new AssertionError(object);
    }
  }
}
