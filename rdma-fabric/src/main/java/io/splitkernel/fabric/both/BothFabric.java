package io.splitkernel.fabric.both;

import io.splitkernel.fabric.CompletionQueue;
import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.FabricLimits;
import io.splitkernel.fabric.FabricMemory;
import io.splitkernel.fabric.Listener;
import io.splitkernel.fabric.ProtectionDomain;
import io.splitkernel.fabric.UnreachableException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Peers on this machine by one provider, all others by another. Thread-safe; control path. Two
 * threads for each listener.
 */
public final class BothFabric implements Fabric {
  /**
   * Numbers of near connections are above it, and those of far ones below: verbs' queue pair
   * numbers have 24 bits.
   */
  public static final int NEAR_CONNECTIONS_FROM = 1 << 24;

  private static final int PORT_ATTEMPTS = 64;

  /** What near calls every address of this machine. */
  private static final String HERE = "localhost";

  private final Fabric near;
  private final Fabric far;
  private final Predicate<String> isHere;
  private final FabricLimits limits;
  private final Set<BothQueue> queues = ConcurrentHashMap.newKeySet();
  private final Set<BothListener> listeners = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  BothFabric(Fabric near, Fabric far, Predicate<String> isHere) {
    this.near = near;
    this.far = far;
    this.isHere = isHere;
    this.limits = near.limits().and(far.limits());
  }

  /**
   * Makes one of two.
   *
   * @param near for peers on this machine; its connections are numbered from {@link
   *     #NEAR_CONNECTIONS_FROM}, and its memory can be adopted by {@code far}.
   * @param far for all others.
   * @return the fabric, which owns both.
   */
  public static BothFabric of(Fabric near, Fabric far) {
    return new BothFabric(near, far, ThisMachine::is);
  }

  @Override
  public String name() {
    return far.name() + "+" + near.name();
  }

  @Override
  public FabricLimits limits() {
    return limits;
  }

  @Override
  public ProtectionDomain allocateProtectionDomain() throws FabricException {
    checkOpen();
    ProtectionDomain nearDomain = near.allocateProtectionDomain();
    try {
      return new BothDomain(this, nearDomain, far.allocateProtectionDomain());
    } catch (FabricException e) {
      nearDomain.close();
      throw e;
    }
  }

  @Override
  public CompletionQueue createCompletionQueue(int entriesMin) throws FabricException {
    checkOpen();
    CompletionQueue nearQueue = near.createCompletionQueue(entriesMin);
    CompletionQueue farQueue = null;
    try {
      farQueue = far.createCompletionQueue(entriesMin);
      BothQueue queue = new BothQueue(this, nearQueue, farQueue);
      queues.add(queue);
      return queue;
    } catch (FabricException e) {
      nearQueue.close();
      if (farQueue != null) {
        farQueue.close();
      }
      throw e;
    }
  }

  @Override
  public FabricMemory allocateMemory(long lengthBytes, String label) throws FabricException {
    checkOpen();
    return new BothMemory(this, near.allocateMemory(lengthBytes, label));
  }

  @Override
  public Listener listen(FabricAddress address) throws FabricException {
    checkOpen();
    for (int attempt = 1; ; attempt++) {
      Listener farListener = far.listen(address);
      try {
        int port = farListener.address().port();
        Listener nearListener = near.listen(new FabricAddress(HERE, port));
        BothListener listener = new BothListener(this, nearListener, farListener);
        listeners.add(listener);
        listener.start();
        return listener;
      } catch (FabricException e) {
        farListener.close();
        if (address.port() != 0 || attempt == PORT_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  @Override
  public Connection connect(
      FabricAddress remote, ConnectionConfig config, byte[] privateData, long timeoutNs)
      throws FabricException {
    check(config);
    FabricLimits.checkPrivateData(remote, privateData);
    long deadline = System.nanoTime() + timeoutNs;
    UnreachableException nearFailure = null;
    if (isHere.test(remote.host())) {
      try {
        FabricAddress here = new FabricAddress(HERE, remote.port());
        return established(config, near.connect(here, on(true, config), privateData, timeoutNs));
      } catch (UnreachableException e) {
        nearFailure = e;
      }
    }
    try {
      long left = Math.max(1, deadline - System.nanoTime());
      return established(config, far.connect(remote, on(false, config), privateData, left));
    } catch (FabricException e) {
      throw nearFailure == null ? e : neither(remote, nearFailure, e);
    }
  }

  private FabricException neither(
      FabricAddress remote, UnreachableException nearFailure, FabricException farFailure) {
    String text =
        String.format(
            "connect(%s): neither by %s (%s) nor by %s (%s)",
            remote, near.name(), nearFailure.getMessage(), far.name(), farFailure.getMessage());
    FabricException both =
        farFailure instanceof UnreachableException
            ? new UnreachableException(text)
            : new FabricException(text, farFailure);
    both.addSuppressed(nearFailure);
    return both;
  }

  /** Refuses a configuration that is not of open parts of this fabric, or too deep. */
  void check(ConnectionConfig config) throws FabricException {
    checkOpen();
    if (!(config.protectionDomain() instanceof BothDomain domain)
        || !domain.isUsableBy(this)
        || !(config.sendQueue() instanceof BothQueue)
        || !(config.receiveQueue() instanceof BothQueue)
        || !queues.contains(config.sendQueue())
        || !queues.contains(config.receiveQueue())) {
      throw new FabricException(
          "the connection's protection domain and queues must be open and of this fabric");
    }
    if (Math.max(config.sendDepth(), config.receiveDepth()) > limits.queueDepthMax()) {
      throw new FabricException(
          "queue depths "
              + config.sendDepth()
              + " and "
              + config.receiveDepth()
              + " exceed the limit of "
              + limits.queueDepthMax());
    }
  }

  /** A checked configuration in the parts of one provider. */
  ConnectionConfig on(boolean nearSide, ConnectionConfig config) {
    BothDomain domain = (BothDomain) config.protectionDomain();
    BothQueue sends = (BothQueue) config.sendQueue();
    BothQueue receives = (BothQueue) config.receiveQueue();
    return new ConnectionConfig(
        nearSide ? domain.near() : domain.far(),
        nearSide ? sends.near() : sends.far(),
        nearSide ? receives.near() : receives.far(),
        config.sendDepth(),
        config.receiveDepth(),
        config.remoteAccess(),
        config.retryTimeoutNs());
  }

  /** Tells the queues of a new connection about it. */
  Connection established(ConnectionConfig config, Connection connection) {
    BothQueue sends = (BothQueue) config.sendQueue();
    sends.feed(connection);
    if (config.receiveQueue() != sends) {
      ((BothQueue) config.receiveQueue()).feed(connection);
    }
    return connection;
  }

  /** Whether near carries a connection. */
  static boolean isNear(Connection connection) {
    return Integer.compareUnsigned(connection.number(), NEAR_CONNECTIONS_FROM) > 0;
  }

  Fabric far() {
    return far;
  }

  void forget(BothQueue queue) {
    queues.remove(queue);
  }

  void forget(BothListener listener) {
    listeners.remove(listener);
  }

  private void checkOpen() throws FabricException {
    if (closed) {
      throw new FabricException("the fabric is closed");
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    List.copyOf(listeners).forEach(BothListener::close);
    List<BothQueue> open = List.copyOf(queues);
    open.forEach(BothQueue::stop);
    far.close(); // before the memory that it has adopted
    near.close();
    open.forEach(BothQueue::free);
  }
}
