package io.splitkernel.mcomponent.files;

import io.splitkernel.ffi.Errno;
import io.splitkernel.mcomponent.filecache.CachedVolume;
import io.splitkernel.mcomponent.filecache.FileCacheSettings;
import io.splitkernel.protocol.files.client.FileClientConfig;
import io.splitkernel.protocol.files.server.FileServerConfig;

/**
 * Limits of the files that a memory component caches.
 *
 * @param bytes memory for them, beside what the component lends; 0 says that it owns no volume.
 * @param cachesMax volumes that are cached at once, each in an equal part of the memory, at least
 *     1; default 4. Others are passed through, until one is idle.
 * @param volumesMax volumes that are remembered, at least {@code cachesMax}; default 4,096.
 * @param idleNs how long a volume must not have been used before another one gets its memory;
 *     default 10 s.
 * @param drainNs how long a component that ends writes back at most; default 30 s.
 * @param cache limits of each cache.
 * @param server limits of the file server.
 * @param storage limits of the connections to storage components. While one is away operations wait
 *     for it, and longer than {@code retryNs} the client waits and tries again.
 */
public record FileCacheConfig(
    long bytes,
    int cachesMax,
    int volumesMax,
    long idleNs,
    long drainNs,
    FileCacheSettings cache,
    FileServerConfig server,
    FileClientConfig storage) {
  /** No volumes. */
  public static final FileCacheConfig NONE = of(0);

  private static final int CACHES_MAX = 4;

  /** Validates ranges. */
  public FileCacheConfig {
    if (cachesMax < 1 || volumesMax < cachesMax) {
      throw new IllegalArgumentException(
          "cachesMax " + cachesMax + " is not in 1.." + volumesMax + " (volumesMax)");
    }
    if (idleNs < 0 || drainNs < 1_000_000L) {
      throw new IllegalArgumentException(
          "idleNs " + idleNs + " must not be negative, drainNs " + drainNs + " at least 1 ms");
    }
    long least = CachedVolume.memoryBytesMin(cache);
    if (bytes != 0 && bytes / cachesMax < least) {
      throw new IllegalArgumentException(
          bytes
              + " bytes for "
              + cachesMax
              + " caches of files are less than "
              + least
              + " for each; 0 is for none");
    }
  }

  /**
   * With the defaults, and as many caches as fit.
   *
   * @param bytes memory for files, 0 for none.
   * @return the limits.
   */
  public static FileCacheConfig of(long bytes) {
    FileCacheSettings cache = FileCacheSettings.DEFAULT;
    long fit = bytes / CachedVolume.memoryBytesMin(cache);
    return new FileCacheConfig(
        bytes,
        Math.clamp(fit, 1, CACHES_MAX),
        4096,
        10_000_000_000L,
        30_000_000_000L,
        cache,
        FileServerConfig.DEFAULT,
        new FileClientConfig(8, 20_000_000_000L, 8_000_000_000L, Errno.ETIMEDOUT));
  }

  /**
   * The least memory for one cache with the defaults.
   *
   * @return bytes.
   */
  public static long bytesMin() {
    return CachedVolume.memoryBytesMin(FileCacheSettings.DEFAULT);
  }

  /**
   * With other limits of each cache.
   *
   * @param settings of it.
   * @return a changed copy.
   */
  public FileCacheConfig withCache(FileCacheSettings settings) {
    return new FileCacheConfig(
        bytes, cachesMax, volumesMax, idleNs, drainNs, settings, server, storage);
  }

  /**
   * With other limits of the file server.
   *
   * @param limits of it.
   * @return a changed copy.
   */
  public FileCacheConfig withServer(FileServerConfig limits) {
    return new FileCacheConfig(
        bytes, cachesMax, volumesMax, idleNs, drainNs, cache, limits, storage);
  }

  /**
   * With other times.
   *
   * @param newIdleNs before another volume gets a volume's memory.
   * @param newDrainNs for writing back at the end.
   * @return a changed copy.
   */
  public FileCacheConfig withTimes(long newIdleNs, long newDrainNs) {
    return new FileCacheConfig(
        bytes, cachesMax, volumesMax, newIdleNs, newDrainNs, cache, server, storage);
  }

  /**
   * With another number of caches.
   *
   * @param caches at once.
   * @return a changed copy.
   */
  public FileCacheConfig withCachesMax(int caches) {
    return new FileCacheConfig(bytes, caches, volumesMax, idleNs, drainNs, cache, server, storage);
  }
}
