package io.splitkernel.fabric.shm;

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
import io.splitkernel.fabric.WorkRequest;
import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.EventFd;
import io.splitkernel.ffi.MemoryMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The fabric between processes of one machine over shared memory. One instance per component; it
 * has one daemon thread, {@code shm-events}, and leaves nothing outside its process.
 */
public final class ShmFabric implements Fabric {
  /** Work requests or receives of one connection. */
  static final int QUEUE_DEPTH_MAX = 16_384;

  static final int INLINE_BYTES_MAX = 256;
  static final long MESSAGE_BYTES_MAX = 1L << 30;
  private static final long REGION_BYTES_MAX = 1L << 46;
  private static final int LABEL_MAX = 32;

  private final ShmConfig config;
  private final int inlineBytesMax;
  private final EventLoop loop;
  private final FabricTable table;
  private final MemoryDirectory memories;
  private final Connections connections;
  private final ShmCounters counters = new ShmCounters();
  private final AtomicInteger domainNumbers = new AtomicInteger();
  private final Set<ShmProtectionDomain> domains = ConcurrentHashMap.newKeySet();
  private final Set<ShmCompletionQueue> queues = ConcurrentHashMap.newKeySet();
  private final Set<ShmListener> listeners = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  private ShmFabric(
      ShmConfig config,
      int connectionsFrom,
      int inlineBytesMax,
      EventLoop loop,
      FabricTable table) {
    this.config = config;
    this.inlineBytesMax = inlineBytesMax;
    this.loop = loop;
    this.table = table;
    this.memories = new MemoryDirectory(config.memoriesMax());
    this.connections = new Connections(this, config, connectionsFrom);
  }

  /**
   * Opens an instance.
   *
   * @param config limits and times.
   * @return the fabric.
   * @throws FabricException when the kernel refuses memory or descriptors.
   */
  public static ShmFabric open(ShmConfig config) throws FabricException {
    return open(config, 0, INLINE_BYTES_MAX);
  }

  /**
   * Opens an instance that works beside another provider.
   *
   * @param config limits and times.
   * @param connectionsFrom numbers of connections are above it.
   * @param inlineBytesMax bytes of an inline request, where the other provider takes fewer.
   * @return the fabric.
   * @throws FabricException when the kernel refuses memory or descriptors.
   */
  public static ShmFabric open(ShmConfig config, int connectionsFrom, int inlineBytesMax)
      throws FabricException {
    FabricTable table = FabricTable.create(config);
    EventLoop loop;
    try {
      loop = EventLoop.start("shm-events");
    } catch (FabricException e) {
      table.close();
      throw e;
    }
    int inline = Math.min(inlineBytesMax, INLINE_BYTES_MAX);
    ShmFabric fabric = new ShmFabric(config, connectionsFrom, inline, loop, table);
    loop.add(fabric.connections);
    return fabric;
  }

  @Override
  public String name() {
    return "shm";
  }

  /** What this instance had to turn away. */
  public ShmCounters counters() {
    return counters;
  }

  @Override
  public FabricLimits limits() {
    return new FabricLimits(
        QUEUE_DEPTH_MAX,
        WorkRequest.SCATTER_MAX,
        inlineBytesMax,
        MESSAGE_BYTES_MAX,
        REGION_BYTES_MAX,
        true);
  }

  @Override
  public ProtectionDomain allocateProtectionDomain() throws FabricException {
    checkOpen();
    ShmProtectionDomain domain = new ShmProtectionDomain(this, domainNumbers.incrementAndGet());
    domains.add(domain);
    return domain;
  }

  @Override
  public CompletionQueue createCompletionQueue(int entriesMin) throws FabricException {
    checkOpen();
    if (entriesMin < 1) {
      throw new FabricException("createCompletionQueue(" + entriesMin + "): needs at least 1");
    }
    int number = table.takeQueue();
    if (number < 0) {
      throw new FabricException(
          "all " + table.queueCount() + " completion queues are taken; raise completionQueuesMax");
    }
    int eventFd = EventFd.create();
    if (eventFd < 0) {
      table.freeQueue(number);
      throw new FabricException(
          "eventfd(): " + Errno.text(eventFd) + "; raise the limit (ulimit -n)");
    }
    ShmCompletionQueue queue =
        new ShmCompletionQueue(this, number, eventFd, table.queueWord(number), config.spinNs());
    queues.add(queue);
    return queue;
  }

  @Override
  public FabricMemory allocateMemory(long lengthBytes, String label) throws FabricException {
    checkOpen();
    if (lengthBytes <= 0 || lengthBytes > REGION_BYTES_MAX) {
      throw new FabricException(
          "allocateMemory(" + lengthBytes + "): not in 1.." + REGION_BYTES_MAX + " bytes");
    }
    if (label.length() > LABEL_MAX || !label.chars().allMatch(c -> c > ' ' && c < 127)) {
      throw new FabricException(
          "allocateMemory(label): needs up to " + LABEL_MAX + " printable ASCII characters");
    }
    long rounded = (lengthBytes + MemoryMap.PAGE_BYTES - 1) & -MemoryMap.PAGE_BYTES;
    int id = memories.take();
    try {
      ShmMemory memory = ShmMemory.allocate(this, id, rounded, label);
      memories.put(memory);
      keys().map(id, memory.base(), rounded);
      return memory;
    } catch (FabricException e) {
      memories.free(id);
      throw e;
    }
  }

  @Override
  public FabricMemory adopt(FabricMemory memory) throws FabricException {
    checkOpen();
    if (!(memory instanceof ShmMemory other)) {
      return Fabric.super.adopt(memory);
    }
    int id = memories.take();
    try {
      ShmMemory adopted = other.adoptedBy(this, id);
      memories.put(adopted);
      keys().map(id, adopted.base(), adopted.lengthBytes());
      return adopted;
    } catch (FabricException e) {
      memories.free(id);
      throw e;
    }
  }

  @Override
  public Listener listen(FabricAddress address) throws FabricException {
    checkOpen();
    ShmAddress.checkLocal(address);
    ShmListener listener = ShmListener.open(this, config, address);
    listeners.add(listener);
    return listener;
  }

  @Override
  public Connection connect(
      FabricAddress remote, ConnectionConfig end, byte[] privateData, long timeoutNs)
      throws FabricException {
    checkOpen();
    ShmAddress.checkLocal(remote);
    return new Connector(this, remote, end, privateData, timeoutNs).connect();
  }

  /** What this fabric says of itself when a connection is made; checks the configuration. */
  Introduction introduce(ConnectionConfig end) throws FabricException {
    checkOpen();
    if (!(end.protectionDomain() instanceof ShmProtectionDomain domain)
        || !domain.isUsableBy(this)
        || !(end.sendQueue() instanceof ShmCompletionQueue sends)
        || !(end.receiveQueue() instanceof ShmCompletionQueue receives)
        || !queues.contains(sends)
        || !queues.contains(receives)) {
      throw new FabricException(
          "the connection's protection domain and queues must be open and of this fabric");
    }
    if (end.sendDepth() > QUEUE_DEPTH_MAX || end.receiveDepth() > QUEUE_DEPTH_MAX) {
      throw new FabricException(
          "queue depths "
              + end.sendDepth()
              + " and "
              + end.receiveDepth()
              + " exceed the limit of "
              + QUEUE_DEPTH_MAX);
    }
    return new Introduction(
        config.regionsMax(),
        config.completionQueuesMax(),
        config.memoriesMax(),
        domain.number(),
        end.remoteAccess(),
        end.receiveDepth(),
        receives.number());
  }

  private void checkOpen() throws FabricException {
    if (closed) {
      throw new FabricException("the fabric is closed");
    }
  }

  int inlineBytesMax() {
    return inlineBytesMax;
  }

  EventLoop loop() {
    return loop;
  }

  FabricTable table() {
    return table;
  }

  KeyTable keys() {
    return table.keys();
  }

  Connections connections() {
    return connections;
  }

  /** The memory of an id, or null. */
  ShmMemory memory(int id) {
    return memories.get(id);
  }

  void forget(ShmMemory memory) {
    keys().unmap(memory.id());
    connections.announceGone(memory.id());
    memories.remove(memory);
  }

  void forget(ShmCompletionQueue queue) {
    queues.remove(queue);
    table.freeQueue(queue.number());
  }

  void forget(ShmProtectionDomain domain) {
    domains.remove(domain);
  }

  void forget(ShmListener listener) {
    listeners.remove(listener);
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    List.copyOf(listeners).forEach(ShmListener::close);
    connections.closeAll(null);
    List.copyOf(domains).forEach(ShmProtectionDomain::close);
    memories.all().forEach(ShmMemory::close);
    List.copyOf(queues).forEach(ShmCompletionQueue::shutDown);
    loop.close();
    table.close();
  }
}
