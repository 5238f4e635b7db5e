package io.splitkernel.pcomponent.region;

import io.splitkernel.fabric.CompletionQueue;
import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.LocalKeys;
import io.splitkernel.fabric.ProtectionDomain;
import io.splitkernel.fabric.SplitRegion;
import io.splitkernel.protocol.cluster.AssignResult;
import io.splitkernel.protocol.cluster.MonitorClient;
import io.splitkernel.protocol.memory.ExtentResult;
import io.splitkernel.protocol.memory.MemoryClient;
import io.splitkernel.protocol.memory.OpenSpaceResult;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The region control thread: converses with the monitor and the memory components, so that the
 * pager need not wait, and reports as {@link RegionNews}. Control path.
 */
final class RegionControl implements Runnable {
  private static final long RETRY_NS = 10_000_000;

  private final Fabric fabric;
  private final MonitorClient monitor;
  private final ClusterConfig config;
  private final ConnectionConfig connectionConfig;
  private final Supplier<SplitRegion> frames;
  private final Consumer<RegionNews> news;
  private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();

  /** How long to ask again when there is no room; shorter once there has been some. */
  private long graceNs;

  private final Map<Long, MemoryStore> stores = new HashMap<>();
  private final Map<Long, SpaceRegions> spaces = new HashMap<>();
  private final Thread thread;
  private volatile boolean stopping;

  /** A conversation failed; the message is one line. */
  private static final class ConversationException extends Exception {
    private static final long serialVersionUID = 1L;
    private final boolean capacity;

    ConversationException(String message, boolean capacity) {
      super(message);
      this.capacity = capacity;
    }
  }

  RegionControl(
      Fabric fabric,
      MonitorClient monitor,
      ClusterConfig config,
      ProtectionDomain domain,
      CompletionQueue completions,
      Supplier<SplitRegion> frames,
      Consumer<RegionNews> news) {
    this.fabric = fabric;
    this.monitor = monitor;
    this.config = config;
    this.graceNs = config.startGraceNs();
    this.frames = frames;
    this.news = news;
    connectionConfig =
        new ConnectionConfig(
            domain, completions, completions, config.queueDepth(), 1, 0, config.retryTimeoutNs());
    thread = Thread.ofPlatform().name("lego-region").daemon(true).unstarted(this);
  }

  void start() {
    thread.start();
  }

  /** Any thread: asks for the extent of an address. */
  void request(int number, long spaceId, long address) {
    long startNs = System.nanoTime();
    tasks.add(() -> allocate(number, spaceId, address, startNs));
  }

  /** Any thread: ends a space. */
  void end(long spaceId) {
    tasks.add(() -> endSpace(spaceId));
  }

  /** Any thread: the monitor says that a memory component is gone. */
  void nodeLost(long nodeId, String reason) {
    tasks.add(() -> {
      MemoryStore store = stores.get(nodeId);
      if (store != null) {
        lose(store, reason);
      }
    });
  }

  @Override
  public void run() {
    while (!stopping || !tasks.isEmpty()) {
      try {
        Runnable task = tasks.poll(1, TimeUnit.SECONDS);
        if (task != null) {
          task.run();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void allocate(int number, long spaceId, long address, long startNs) {
    try {
      SpaceRegions regions = spaces.computeIfAbsent(spaceId, id -> new SpaceRegions(number));
      RegionNews.Granted known = regions.extentOf(address);
      if (known != null) { // asked for by an address beside it, before the answer had come
        news.accept(known);
        return;
      }
      MemoryStore store = store(regions, spaceId, address);
      DataLink link = link(regions, spaceId, store);
      ExtentResult result = store.client().allocateExtent(spaceId, address);
      switch (result) {
        case ExtentResult.Granted granted -> {
          graceNs = config.capacityGraceNs();
          RegionNews.Granted extent =
              new RegionNews.Granted(
                  number,
                  spaceId,
                  granted.extentAddress(),
                  granted.extentBytes(),
                  granted.rkey(),
                  link);
          regions.hasExtent(extent);
          news.accept(extent);
        }
        case ExtentResult.NoCapacity full ->
            throw new ConversationException(full(store, full.freeBytes()), true);
        case ExtentResult.WrongOwner _ ->
            throw new ConversationException(
                "memory component "
                    + store.nodeId()
                    + " does not own the vRegion of 0x"
                    + Long.toHexString(address),
                false);
        case ExtentResult.Failed failed -> throw new ConversationException(failed.reason(), false);
      }
    } catch (ConversationException e) {
      if (e.capacity && System.nanoTime() - startNs < graceNs) {
        LockSupport.parkNanos(RETRY_NS);
        tasks.add(() -> allocate(number, spaceId, address, startNs));
      } else if (e.capacity) {
        news.accept(new RegionNews.Denied(number, spaceId, address, e.getMessage()));
      } else {
        news.accept(new RegionNews.Unreachable(number, spaceId, address, e.getMessage()));
      }
    } catch (RuntimeException e) {
      news.accept(
          new RegionNews.Unreachable(number, spaceId, address, "memory lost: " + e.getMessage()));
    }
  }

  private static String full(MemoryStore store, long freeBytes) {
    return "out of memory: memory component "
        + store.nodeId()
        + " at "
        + store.client().address()
        + " has "
        + freeBytes
        + " bytes free; add a memory component or raise --memory";
  }

  private MemoryStore store(SpaceRegions regions, long spaceId, long address)
      throws ConversationException {
    long regionIndex = address / monitor.vRegionBytes();
    MemoryStore known = regions.stores().get(regionIndex);
    if (known != null) {
      if (known.isLost()) {
        throw new ConversationException(known.lostReason(), false);
      }
      return known;
    }
    AssignResult result = monitor.assignRegion(spaceId, regionIndex);
    return switch (result) {
      case AssignResult.Assigned assigned -> {
        MemoryStore store = connect(assigned);
        regions.stores().put(regionIndex, store);
        yield store;
      }
      case AssignResult.NoCapacity none ->
          throw new ConversationException(
              "out of memory: all memory components together have "
                  + none.freeBytes()
                  + " bytes free; add a memory component or raise --memory",
              true);
      case AssignResult.Failed failed -> throw new ConversationException(failed.reason(), false);
    };
  }

  private MemoryStore connect(AssignResult.Assigned assigned) throws ConversationException {
    MemoryStore known = stores.get(assigned.nodeId());
    if (known != null && !known.isLost()) {
      return known;
    }
    try {
      MemoryClient client =
          MemoryClient.connect(
              fabric,
              assigned.address(),
              config.secret(),
              config.identity(),
              config.callTimeoutNs());
      MemoryStore store = new MemoryStore(assigned.nodeId(), client);
      stores.put(assigned.nodeId(), store);
      client.onLost(reason -> lose(store, reason));
      return store;
    } catch (FabricException e) {
      throw new ConversationException("memory lost: " + e.getMessage(), false);
    }
  }

  private void lose(MemoryStore store, String reason) {
    if (store.lose(reason)) {
      news.accept(new RegionNews.StoreLost(store));
    }
  }

  private DataLink link(SpaceRegions regions, long spaceId, MemoryStore store)
      throws ConversationException {
    DataLink known = regions.links().get(store);
    if (known != null) {
      return known;
    }
    OpenSpaceResult result = store.client().openSpace(spaceId);
    switch (result) {
      case OpenSpaceResult.Granted granted -> {
        if (granted.extentBytes() < ClusterMemory.EXTENT_BYTES_MIN) {
          throw new ConversationException(
              "memory lost: memory component "
                  + store.nodeId()
                  + " has extents of "
                  + granted.extentBytes()
                  + " bytes; at least "
                  + ClusterMemory.EXTENT_BYTES_MIN
                  + " are needed",
              false);
        }
      }
      case OpenSpaceResult.AlreadyOpen _ ->
          throw new ConversationException("openSpace: the space is open already", false);
      case OpenSpaceResult.NoCapacity _ ->
          throw new ConversationException(
              "out of memory: memory component " + store.nodeId() + " takes no more spaces", true);
      case OpenSpaceResult.Failed failed -> throw new ConversationException(failed.reason(), false);
    }
    Connection connection = null;
    try {
      connection = store.client().openData(spaceId, connectionConfig, config.callTimeoutNs());
      LocalKeys frameKeys = frames.get().keysOn(connection);
      DataLink link =
          new DataLink(connection, store, regions.number(), config.queueDepth(), frameKeys);
      regions.links().put(store, link);
      return link;
    } catch (FabricException e) {
      if (connection != null) {
        connection.close();
      }
      throw new ConversationException("memory lost: " + e.getMessage(), false);
    }
  }

  private void endSpace(long spaceId) {
    SpaceRegions regions = spaces.remove(spaceId);
    if (regions == null) {
      return;
    }
    regions
        .links()
        .forEach((store, link) -> {
          link.connection().close();
          if (!store.isLost()) {
            store.client().closeSpace(spaceId);
          }
        });
    if (!regions.stores().isEmpty()) {
      monitor.releaseSpace(spaceId);
    }
  }

  /** Ends the thread after the tasks that wait, and all connections. */
  void stop(long timeoutNs) {
    stopping = true;
    tasks.add(() -> {});
    try {
      if (!thread.join(java.time.Duration.ofNanos(timeoutNs))) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    spaces.values().forEach(space -> space.links().values().forEach(l -> l.connection().close()));
    stores.values().forEach(store -> store.client().close());
  }
}
