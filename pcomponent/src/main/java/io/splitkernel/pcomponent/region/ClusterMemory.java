package io.splitkernel.pcomponent.region;

import io.splitkernel.fabric.Access;
import io.splitkernel.fabric.CompletionBatch;
import io.splitkernel.fabric.CompletionQueue;
import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.FabricMemory;
import io.splitkernel.fabric.ProtectionDomain;
import io.splitkernel.fabric.SplitRegion;
import io.splitkernel.fabric.WorkRequest;
import io.splitkernel.ffi.Epoll;
import io.splitkernel.ffi.EventFd;
import io.splitkernel.pcomponent.excache.ChunkPool;
import io.splitkernel.pcomponent.excache.PageTable;
import io.splitkernel.pcomponent.fault.RemoteEvents;
import io.splitkernel.pcomponent.fault.RemoteMemory;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.cluster.MonitorClient;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.agrona.collections.Int2ObjectHashMap;

/**
 * The memory components of the cluster as the pager's remote memory. Every space has its own data
 * connection to each component that holds one of its vRegions; the address on the wire is the
 * program's own. Finding the connection and key of an address is one lookup in an off-heap table of
 * 64 KiB pieces. Data path on the pager thread; conversations on {@code lego-region}.
 */
public final class ClusterMemory implements RemoteMemory {
  /** Smallest extent that it can use. */
  static final long EXTENT_BYTES_MIN = 1 << 16;

  private static final int PIECE_SHIFT = 16;
  private static final int PAGE = 4096;
  private static final int SPACES_MAX = 65_536;
  private static final int LINK_SHIFT = 32;
  private static final int POLL_BATCH = 128;

  /** Table entry: asked for. */
  private static final long REQUESTED = -1;

  private final Fabric fabric;
  private final ClusterConfig config;
  private final ProtectionDomain domain;
  private final CompletionQueue completions;
  private final RegionControl control;
  private final ConcurrentLinkedQueue<RegionNews> news = new ConcurrentLinkedQueue<>();
  private final EventFd newsSignal = new EventFd();
  private final Epoll waiting = new Epoll(4);
  private final CompletionBatch batch = new CompletionBatch(POLL_BATCH);
  private final ChunkPool chunks = new ChunkPool();
  private final PageTable[] tables = new PageTable[SPACES_MAX];
  private final long[] spaceIds = new long[SPACES_MAX];
  private final List<DataLink> links = new ArrayList<>();
  private final Int2ObjectHashMap<DataLink> linkOfNumber = new Int2ObjectHashMap<>();
  private final ArrayDeque<RegionNews.Unreachable> lost = new ArrayDeque<>();
  private final DataLink[] toFlush = new DataLink[SPACES_MAX];
  private int toFlushCount;
  private int transfers;
  private int requests;
  private int nextIncarnation;
  private FabricMemory frames;
  private volatile SplitRegion framesRegion;

  /**
   * @param fabric of this process; stays the caller's.
   * @param monitor joined; stays the caller's.
   * @param config settings.
   * @throws FabricException when the fabric is out of resources.
   */
  public ClusterMemory(Fabric fabric, MonitorClient monitor, ClusterConfig config)
      throws FabricException {
    this.fabric = fabric;
    this.config = config;
    domain = fabric.allocateProtectionDomain();
    completions = fabric.createCompletionQueue(config.completionEntries() + 16);
    control =
        new RegionControl(
            fabric, monitor, config, domain, completions, () -> framesRegion, this::tell);
    waiting.add(newsSignal.descriptor(), Epoll.IN, 1);
    if (completions.eventDescriptor() >= 0) {
      waiting.add(completions.eventDescriptor(), Epoll.IN, 2);
    }
    links.add(null); // number 0 is no link
    control.start();
  }

  private void tell(RegionNews item) {
    news.add(item);
    newsSignal.signal();
  }

  /**
   * The monitor says that a member is gone; others than memory components are ignored. Any thread.
   *
   * @param nodeId of the member.
   * @param reason one line.
   */
  public void onNodeLost(long nodeId, String reason) {
    control.nodeLost(nodeId, reason);
  }

  @Override
  public long allocateFrames(long lengthBytes) {
    try {
      frames = fabric.allocateMemory(lengthBytes, "excache");
      long address = frames.segment().address();
      framesRegion =
          SplitRegion.register(
              domain, frames, Access.LOCAL_WRITE, fabric.limits().regionBytesMax());
      return address;
    } catch (FabricException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  @Override
  public void openSpace(int space) {
    tables[space] = new PageTable(chunks);
    spaceIds[space] = NodeIdentity.spaceId(config.identity().nodeId(), ++nextIncarnation);
  }

  @Override
  public void closeSpace(int space) {
    tables[space].close();
    tables[space] = null;
    control.end(spaceIds[space]);
    spaceIds[space] = 0;
    for (int i = 1; i < links.size(); i++) {
      DataLink link = links.get(i);
      if (link != null && link.spaceNumber() == space) {
        linkOfNumber.remove(link.connection().number());
        links.set(i, null);
      }
    }
  }

  @Override
  public int read(long token, int space, long address, long frameAddress, int lengthBytes) {
    long entry = tables[space].get(address >>> PIECE_SHIFT);
    if (entry == 0 || entry == REQUESTED) {
      return LOST;
    }
    DataLink link = links.get((int) (entry >>> LINK_SHIFT));
    int able = able(link);
    if (able == POSTED) {
      WorkRequest request = link.collect().read(token, address, (int) entry);
      link.frameKeys().addTo(request, frameAddress, lengthBytes);
      transfers++;
    }
    return able;
  }

  @Override
  public int write(long token, int space, long address, long frameAddress) {
    long entry = tables[space].get(address >>> PIECE_SHIFT);
    if (entry == 0 || entry == REQUESTED) {
      return NO_EXTENT;
    }
    DataLink link = links.get((int) (entry >>> LINK_SHIFT));
    int able = able(link);
    if (able == POSTED) {
      WorkRequest request = link.collect().write(token, address, (int) entry);
      link.frameKeys().addTo(request, frameAddress, PAGE);
      transfers++;
    }
    return able;
  }

  private int able(DataLink link) {
    if (link.store().isLost()) {
      return LOST;
    }
    if (transfers >= config.completionEntries() || !link.hasRoom()) {
      return QUEUE_FULL;
    }
    if (!link.queued(true)) {
      toFlush[toFlushCount++] = link;
    }
    return POSTED;
  }

  @Override
  public boolean requestExtent(int space, long address) {
    if (tables[space].get(address >>> PIECE_SHIFT) != 0) {
      return false;
    }
    tables[space].set(address >>> PIECE_SHIFT, REQUESTED);
    requests++;
    control.request(space, spaceIds[space], address);
    return true;
  }

  @Override
  public void flush() {
    int kept = 0;
    for (int i = 0; i < toFlushCount; i++) {
      DataLink link = toFlush[i];
      if (link.flush()) {
        link.queued(false);
      } else {
        toFlush[kept++] = link;
      }
    }
    toFlushCount = kept;
  }

  @Override
  public int poll(RemoteEvents events) {
    events.clear();
    if (transfers > 0) {
      flush();
      int count = completions.poll(batch);
      for (int i = 0; i < count; i++) {
        onCompletion(i, events);
      }
    }
    if (!news.isEmpty()) {
      newsSignal.drain();
      while (!events.isFull() && !news.isEmpty()) {
        onNews(news.poll(), events);
      }
    }
    while (!events.isFull() && !lost.isEmpty()) {
      RegionNews.Unreachable gone = lost.poll();
      events.addNews(RemoteEvents.Kind.SPACE_LOST, gone.space(), gone.address(), gone.reason());
    }
    return events.count();
  }

  private void onCompletion(int i, RemoteEvents events) {
    transfers--;
    DataLink link = linkOfNumber.get(batch.connectionNumber(i));
    if (link != null) {
      link.onCompletion();
    }
    boolean good = batch.status(i) == CompletionStatus.SUCCESS;
    events.addCompletion(batch.wrId(i), good, good ? null : reason(link, batch.status(i)));
  }

  private static String reason(DataLink link, CompletionStatus status) {
    if (link == null) {
      return "memory lost: " + status;
    }
    String known = link.store().lostReason();
    return known != null
        ? known
        : "memory lost: memory component "
            + link.store().nodeId()
            + " at "
            + link.store().client().address()
            + " answered "
            + status;
  }

  private void onNews(RegionNews item, RemoteEvents events) {
    switch (item) {
      case RegionNews.Granted granted -> onGranted(granted, events);
      case RegionNews.Denied denied -> {
        if (answered(denied.space(), denied.spaceId(), denied.address())) {
          events.addNews(
              RemoteEvents.Kind.EXTENT_DENIED, denied.space(), denied.address(), denied.reason());
        }
      }
      case RegionNews.Unreachable gone -> {
        if (answered(gone.space(), gone.spaceId(), gone.address())) {
          events.addNews(RemoteEvents.Kind.SPACE_LOST, gone.space(), gone.address(), gone.reason());
        }
      }
      case RegionNews.StoreLost gone -> onStoreLost(gone.store());
    }
  }

  /** Ends a request that was not granted; false when its space has ended meanwhile. */
  private boolean answered(int space, long spaceId, long address) {
    requests--;
    if (spaceIds[space] != spaceId) {
      return false;
    }
    tables[space].set(address >>> PIECE_SHIFT, 0);
    return true;
  }

  private void onGranted(RegionNews.Granted granted, RemoteEvents events) {
    requests--;
    int space = granted.space();
    if (spaceIds[space] != granted.spaceId()) {
      return;
    }
    DataLink link = granted.link();
    if (link.index() == 0) {
      introduce(link);
    }
    long entry = ((long) link.index() << LINK_SHIFT) | (granted.rkey() & 0xFFFF_FFFFL);
    long first = granted.extentAddress() >>> PIECE_SHIFT;
    long pieces = granted.extentBytes() >>> PIECE_SHIFT;
    for (long i = 0; i < pieces; i++) {
      tables[space].set(first + i, entry);
    }
    events.addNews(RemoteEvents.Kind.EXTENT_GRANTED, space, granted.extentAddress(), null);
  }

  private void introduce(DataLink link) {
    int index = 1;
    while (index < links.size() && links.get(index) != null) {
      index++;
    }
    if (index == links.size()) {
      links.add(link);
    } else {
      links.set(index, link);
    }
    link.index(index);
    linkOfNumber.put(link.connection().number(), link);
  }

  private void onStoreLost(MemoryStore store) {
    for (DataLink link : links) {
      if (link != null && link.store() == store) {
        lost.add(new RegionNews.Unreachable(link.spaceNumber(), 0, 0, store.lostReason()));
      }
    }
  }

  @Override
  public int outstanding() {
    return transfers + requests;
  }

  @Override
  public int eventDescriptor() {
    return completions.eventDescriptor() < 0 ? -1 : waiting.descriptor();
  }

  @Override
  public boolean arm() {
    if (completions.eventDescriptor() >= 0 && !completions.arm()) {
      return false;
    }
    return news.isEmpty();
  }

  @Override
  public void acknowledge() {
    if (completions.eventDescriptor() >= 0) {
      completions.acknowledge();
    }
    newsSignal.drain();
  }

  @Override
  public void close() {
    control.stop(config.callTimeoutNs());
    completions.close();
    if (framesRegion != null) {
      framesRegion.close();
      frames.close();
    }
    domain.close();
    waiting.close();
    newsSignal.close();
    chunks.close();
  }
}
