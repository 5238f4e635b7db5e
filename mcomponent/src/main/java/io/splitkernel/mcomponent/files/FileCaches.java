package io.splitkernel.mcomponent.files;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.ffi.Errno;
import io.splitkernel.mcomponent.MemoryCounter;
import io.splitkernel.mcomponent.filecache.CachedVolume;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.cluster.MonitorClient;
import io.splitkernel.protocol.cluster.VolumeName;
import io.splitkernel.protocol.counters.Counters;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeProvider;
import io.splitkernel.protocol.files.VolumeUse;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The volumes that a memory component has, under names as {@link VolumeName} writes them. */
public final class FileCaches implements VolumeProvider, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FileCaches.class);

  private final FileCacheConfig config;
  private final CacheMemory memory;
  private final Counters<MemoryCounter> counters;
  private final StorageLinks storage;
  private final Map<String, OwnedVolume> volumes = new ConcurrentHashMap<>();
  private final LongAdder pastHits = new LongAdder();
  private final LongAdder pastMisses = new LongAdder();
  private volatile MonitorClient monitor;
  private volatile boolean stopped;
  private boolean drained;

  private FileCaches(
      Fabric fabric,
      String self,
      Secret secret,
      FileCacheConfig config,
      CacheMemory memory,
      Counters<MemoryCounter> counters) {
    this.config = config;
    this.memory = memory;
    this.counters = counters;
    this.storage = new StorageLinks(fabric, secret, self, config.storage(), this::onRestart);
    counters.set(MemoryCounter.FILE_CACHE_CAPACITY, config.bytes());
  }

  /**
   * Has no volumes yet.
   *
   * @param fabric of this process; stays the caller's.
   * @param self name of the component.
   * @param secret of the cluster.
   * @param config limits; memory of more than 0.
   * @param counters to keep.
   * @return the caches, the caller's to close.
   * @throws FabricException when there is no memory.
   */
  public static FileCaches open(
      Fabric fabric,
      String self,
      Secret secret,
      FileCacheConfig config,
      Counters<MemoryCounter> counters)
      throws FabricException {
    CacheMemory memory = CacheMemory.open(fabric, config.bytes(), config.cachesMax());
    return new FileCaches(fabric, self, secret, config, memory, counters);
  }

  /**
   * The component is a member now, so storage components can be found.
   *
   * @param client stays the caller's.
   */
  public void joined(MonitorClient client) {
    monitor = client;
    storage.joined(client);
  }

  @Override
  public VolumeUse use(String name) {
    OwnedVolume volume = volumes.get(name);
    if (volume != null) {
      return volume;
    }
    VolumeName parsed = VolumeName.parse(name);
    if (parsed == null || stopped) {
      return null;
    }
    synchronized (volumes) {
      if (!volumes.containsKey(name) && volumes.size() >= config.volumesMax()) {
        LOG.warn("more than {} volumes: {} is refused", config.volumesMax(), name);
        return null;
      }
      return volumes.computeIfAbsent(name, _ -> new OwnedVolume(parsed, this));
    }
  }

  FileCacheConfig config() {
    return config;
  }

  StorageLinks storage() {
    return storage;
  }

  boolean isStopped() {
    return stopped;
  }

  /** Memory for a cache, if need be that of an idle one; -1 when there is none. */
  int takePart() {
    int part = memory.take();
    if (part < 0) {
      for (OwnedVolume volume : volumes.values()) {
        if (volume.giveMemory(config.idleNs())) {
          return memory.take();
        }
      }
    }
    return part;
  }

  MemorySegment segment(int part) {
    return memory.segment(part);
  }

  void givePart(int part, CachedVolume last) {
    pastHits.add(last.hits());
    pastMisses.add(last.misses());
    memory.give(part);
  }

  private void onRestart(String name) {
    Thread.ofPlatform()
        .daemon()
        .name("file-resend")
        .start(() -> {
          for (OwnedVolume volume : volumes.values()) {
            if (volume.name().storage().equals(name)) {
              volume.onStorageRestarted();
            }
          }
        });
  }

  /** Sets the gauges. */
  public void count() {
    long cached = 0;
    long dirty = 0;
    long hits = pastHits.sum();
    long misses = pastMisses.sum();
    int count = 0;
    for (OwnedVolume volume : volumes.values()) {
      CachedVolume cache = volume.cache();
      if (cache != null) {
        count++;
        cached += cache.cachedBytes();
        dirty += cache.dirtyBytes();
        hits += cache.hits();
        misses += cache.misses();
      }
    }
    counters.set(MemoryCounter.FILE_CACHE_VOLUMES, count);
    counters.set(MemoryCounter.FILE_CACHE_BYTES, cached);
    counters.set(MemoryCounter.FILE_CACHE_DIRTY, dirty);
    counters.set(MemoryCounter.FILE_CACHE_HITS, hits);
    counters.set(MemoryCounter.FILE_CACHE_MISSES, misses);
  }

  /** Serves nobody any more: the monitor may give the volumes to another one. Does not block. */
  public void stop() {
    stopped = true;
    volumes.values().forEach(OwnedVolume::shut);
  }

  /** Writes everything back and gives the volumes up, while the component is still a member. */
  public synchronized void drain() {
    if (drained) {
      return;
    }
    drained = true;
    stop();
    Thread limit = Thread.ofPlatform().daemon().name("file-drain").start(this::endDrain);
    for (OwnedVolume volume : volumes.values()) {
      long epoch = volume.end(config.drainNs());
      if (epoch > 0 && monitor != null) {
        String failure = monitor.giveUpVolume(volume.name().toString(), epoch);
        if (failure != null) {
          LOG.warn("volume {} is not given up: {}", volume.name(), failure);
        }
      }
    }
    limit.interrupt();
    storage.close();
  }

  /** Without connections what is left cannot be written, so that the drain ends. */
  private void endDrain() {
    try {
      Thread.sleep(java.time.Duration.ofNanos(config.drainNs()));
      LOG.warn("not everything could be written back in time");
      storage.close();
    } catch (InterruptedException e) {
      // It has ended by itself.
      Thread.currentThread().interrupt();
    }
  }

  /** Frees the memory. Nobody may be inside any more. */
  @Override
  public void close() {
    drain();
    memory.close();
  }

  @Override
  public Volume volume(String name) {
    return null;
  }

  @Override
  public int makeVolume(String name, long quotaBytes) {
    return -Errno.EOPNOTSUPP;
  }

  @Override
  public int removeVolume(String name) {
    return -Errno.EOPNOTSUPP;
  }

  @Override
  public long verifier() {
    return 0;
  }

  @Override
  public List<String> names() {
    return List.of();
  }
}
