package io.splitkernel.fabric.verbs;

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
import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.MemoryMap;
import io.splitkernel.ffi.rdma.RdmaCm;
import io.splitkernel.ffi.rdma.Verbs;
import io.splitkernel.ffi.rdma.VerbsQueues;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** One RDMA device, by libibverbs and librdmacm. Thread-safe; control path. */
public final class VerbsFabric implements Fabric {
  /** Takes the GID of the device's first IP address. */
  public static final int ANY_GID = -1;

  private static final int BACKLOG = 128;

  private final long context;
  private final String device;
  private final Routes routes;
  private final FabricLimits limits;
  private final VerbsQueues queues;
  private final CmEvents events;
  private final DeviceEvents deviceEvents;
  private final Set<VerbsProtectionDomain> domains = ConcurrentHashMap.newKeySet();
  private final Set<VerbsCompletionQueue> completionQueues = ConcurrentHashMap.newKeySet();
  private final Set<VerbsMemory> memories = ConcurrentHashMap.newKeySet();
  private final Set<VerbsListener> listeners = ConcurrentHashMap.newKeySet();
  private final Set<VerbsConnection> connections = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  private VerbsFabric(VerbsDevice device, Routes routes) throws FabricException {
    this.context = device.context();
    this.device = device.name();
    this.routes = routes;
    this.limits = DeviceLimits.of(context);
    this.queues = new VerbsQueues(context);
    this.events = new CmEvents();
    this.deviceEvents = DeviceEvents.of(context);
  }

  /**
   * Opens a device.
   *
   * @param device name as {@code ibv_devices} prints it; empty takes the first that can be used.
   * @return the fabric, the caller's to close.
   * @throws FabricException when the libraries, the device or the kernel's part are missing.
   */
  public static VerbsFabric open(String device) throws FabricException {
    return open(device, ANY_GID);
  }

  /**
   * Opens a device with a GID of one's own choice.
   *
   * @param device name as {@code ibv_devices} prints it; empty takes the first that can be used.
   * @param gidIndex of a GID that carries an IP address, or {@link #ANY_GID}.
   * @return the fabric, the caller's to close.
   * @throws FabricException when the libraries, the device, the GID or the kernel's part are
   *     missing.
   */
  public static VerbsFabric open(String device, int gidIndex) throws FabricException {
    VerbsDevice found = VerbsDevice.usable(device);
    boolean any = gidIndex == ANY_GID;
    InetAddress own = any ? found.addresses().getFirst() : found.addressOf(gidIndex);
    return new VerbsFabric(found, new Routes(found, own, !any));
  }

  @Override
  public String name() {
    return "verbs";
  }

  /**
   * The device's name.
   *
   * @return as {@code ibv_devices} prints it.
   */
  public String device() {
    return device;
  }

  /**
   * An IP address by which peers reach the device.
   *
   * @return the address that the loopback address stands for.
   */
  public InetAddress address() {
    return routes.own();
  }

  @Override
  public FabricLimits limits() {
    return limits;
  }

  @Override
  public ProtectionDomain allocateProtectionDomain() throws FabricException {
    checkOpen();
    long pd = Verbs.allocPd(context);
    if (pd < 0) {
      throw new FabricException("ibv_alloc_pd: " + Errno.text(pd));
    }
    VerbsProtectionDomain domain = new VerbsProtectionDomain(this, pd);
    domains.add(domain);
    return domain;
  }

  @Override
  public CompletionQueue createCompletionQueue(int entriesMin) throws FabricException {
    checkOpen();
    long channel = Verbs.createCompChannel(context);
    if (channel < 0) {
      throw new FabricException("ibv_create_comp_channel: " + Errno.text(channel));
    }
    long cq = Verbs.createCq(context, entriesMin, channel);
    if (cq < 0) {
      Verbs.destroyCompChannel(channel);
      throw new FabricException("ibv_create_cq(" + entriesMin + "): " + Errno.text(cq));
    }
    VerbsCompletionQueue queue = new VerbsCompletionQueue(this, channel, cq);
    completionQueues.add(queue);
    return queue;
  }

  @Override
  public FabricMemory allocateMemory(long lengthBytes, String label) throws FabricException {
    checkOpen();
    if (lengthBytes <= 0) {
      throw new FabricException("allocateMemory(" + lengthBytes + "): a positive length is wanted");
    }
    String objection = LockLimit.objection(lengthBytes);
    if (!objection.isEmpty()) {
      throw new FabricException("allocateMemory(" + label + "): " + objection);
    }
    long whole = (lengthBytes + MemoryMap.PAGE_BYTES - 1) & -MemoryMap.PAGE_BYTES;
    VerbsMemory memory = new VerbsMemory(this, whole);
    memories.add(memory);
    return memory;
  }

  @Override
  public FabricMemory adopt(FabricMemory memory) throws FabricException {
    checkOpen();
    VerbsMemory adopted = new VerbsMemory(this, memory.segment());
    memories.add(adopted);
    return adopted;
  }

  @Override
  public Listener listen(FabricAddress address) throws FabricException {
    checkOpen();
    long id = events.createId(new PendingEvents());
    int result = routes.bind(id, address);
    if (result == 0) {
      FabricAddress bound = new FabricAddress(routes.announced(address), RdmaCm.sourcePort(id));
      VerbsListener listener = new VerbsListener(this, bound, id);
      events.listen(id, listener);
      result = RdmaCm.listen(id, BACKLOG);
      if (result == 0) {
        listeners.add(listener);
        return listener;
      }
    }
    events.discard(id);
    throw new FabricException("listen on " + address + ": " + Errno.text(result));
  }

  @Override
  public Connection connect(
      FabricAddress remote, ConnectionConfig config, byte[] privateData, long timeoutNs)
      throws FabricException {
    checkOpen();
    FabricLimits.checkPrivateData(remote, privateData);
    String what = "connect to " + remote;
    long deadline = System.nanoTime() + timeoutNs;
    PendingEvents pending = new PendingEvents();
    long id = events.createId(pending);
    try {
      routes.find(what, id, remote, pending, deadline);
      Handshake.createQueuePair(this, id, config);
      check(what, Handshake.join(id, config, privateData, false));
      pending.awaitEstablished(what, deadline);
      Handshake.limit(id, config);
    } catch (FabricException e) {
      events.discard(id);
      throw e;
    }
    return connected(id, config, pending);
  }

  private static void check(String what, int result) throws FabricException {
    if (result != 0) {
      throw new FabricException(what + ": " + Errno.text(result));
    }
  }

  /** A connection is established; what came for it meanwhile is handed over. */
  VerbsConnection connected(long id, ConnectionConfig config, PendingEvents pending) {
    VerbsConnection connection = new VerbsConnection(this, config, id);
    connections.add(connection);
    events.handle(id, connection);
    PendingEvents.Event late = pending.poll();
    while (late != null) {
      connection.onEvent(late.kind(), late.status(), late.privateData());
      late = pending.poll();
    }
    return connection;
  }

  VerbsQueues queues() {
    return queues;
  }

  DeviceEvents deviceEvents() {
    return deviceEvents;
  }

  CmEvents events() {
    return events;
  }

  void closeConnectionsOf(VerbsProtectionDomain domain) {
    for (VerbsConnection connection : List.copyOf(connections)) {
      if (connection.isOf(domain)) {
        connection.destroy();
      }
    }
    events.settle();
  }

  void forget(Object part) {
    domains.remove(part);
    completionQueues.remove(part);
    memories.remove(part);
    listeners.remove(part);
    connections.remove(part);
  }

  private void checkOpen() throws FabricException {
    if (closed) {
      throw new FabricException("the fabric is closed");
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    List.copyOf(listeners).forEach(VerbsListener::close);
    List.copyOf(connections).forEach(VerbsConnection::destroy);
    events.settle();
    List.copyOf(domains).forEach(VerbsProtectionDomain::close);
    List.copyOf(completionQueues).forEach(VerbsCompletionQueue::close);
    List.copyOf(memories).forEach(VerbsMemory::close);
    events.close();
  }
}
