package io.splitkernel.mcomponent.files;

import io.splitkernel.fabric.FabricException;
import io.splitkernel.ffi.Errno;
import io.splitkernel.mcomponent.filecache.CachedVolume;
import io.splitkernel.protocol.cluster.VolumeName;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeUse;
import io.splitkernel.protocol.files.client.FileClient;
import io.splitkernel.protocol.files.client.RemoteVolume;
import java.security.SecureRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A volume that clients say is this component's, under an epoch. It is opened by the first of them.
 * With memory to spare it is cached, else passed through.
 */
final class OwnedVolume extends VolumeUse {
  private static final Logger LOG = LoggerFactory.getLogger(OwnedVolume.class);
  private static final SecureRandom RANDOM = new SecureRandom();

  private final VolumeName name;
  private final FileCaches caches;
  private volatile CachedVolume cached;
  private volatile RemoteVolume remote;
  private volatile long verifier = RANDOM.nextLong();
  private volatile long storageVerifier;
  private volatile long lastUsedNs = System.nanoTime();
  private Volume served;
  private int part = -1;
  private volatile long highest;

  OwnedVolume(VolumeName name, FileCaches caches) {
    super(SHUT);
    this.name = name;
    this.caches = caches;
  }

  VolumeName name() {
    return name;
  }

  @Override
  protected int take(long next) {
    if (caches.isStopped()) {
      return -Errno.ETIMEDOUT;
    }
    if (next < highest) {
      return -Errno.ESTALE;
    }
    boolean kept = finish();
    try {
      FileClient storage = caches.storage().to(name.storage());
      remote = storage.volume(name.volume(), next);
      storageVerifier = storage.verifier();
    } catch (FabricException e) {
      LOG.warn("volume {}: {}", name, e.getMessage());
      kept(kept);
      return -Errno.ETIMEDOUT;
    }
    kept(kept);
    highest = next;
    part = caches.takePart();
    if (part >= 0) {
      RemoteVolume upstream = remote;
      cached =
          CachedVolume.open(
              upstream,
              () -> upstream.newestEpoch() == next,
              caches.segment(part),
              caches.config().cache());
    }
    served = part >= 0 ? cached : remote;
    lastUsedNs = System.nanoTime();
    LOG.info("volume {} is here, epoch {}{}", name, next, part >= 0 ? "" : ", not cached");
    return 0;
  }

  private void kept(boolean kept) {
    if (!kept) {
      verifier = RANDOM.nextLong();
    }
  }

  /** Writes everything back; false when something that was written may be lost. Alone. */
  private boolean finish() {
    served = null;
    CachedVolume last = cached;
    if (last == null) {
      return true;
    }
    boolean all = last.finish();
    cached = null;
    caches.givePart(part, last);
    part = -1;
    if (!all) {
      LOG.warn("volume {}: bytes that were not synced are lost", name);
    }
    return all;
  }

  /** Gives its memory away if it has been idle and has nothing unwritten. */
  boolean giveMemory(long idleNs) {
    if (!isIdle(idleNs)) {
      return false;
    }
    boolean[] given = new boolean[1];
    alone(
        1,
        () -> {
          given[0] = isIdle(idleNs);
          if (given[0] && !finish()) {
            // Whoever comes back must hear of it, so this epoch is over.
            kept(false);
            long over = highest + 1;
            highest = over;
          }
          return given[0] ? SHUT : admitted();
        });
    return given[0];
  }

  private boolean isIdle(long idleNs) {
    CachedVolume now = cached;
    return now != null && now.dirtyBytes() == 0 && System.nanoTime() - lastUsedNs >= idleNs;
  }

  /**
   * Ends it for good; {@link FileCaches#isStopped} before.
   *
   * @return the epoch to give up when everything is written back, or 0.
   */
  long end(long waitNs) {
    boolean[] all = new boolean[1];
    boolean ended =
        alone(
            waitNs,
            () -> {
              all[0] = finish();
              return SHUT;
            });
    return ended && all[0] && isCurrent() ? highest : 0;
  }

  private boolean isCurrent() {
    return remote != null && remote.newestEpoch() == highest;
  }

  /** The storage component may have lost what was not synced there. */
  void onStorageRestarted() {
    CachedVolume now = cached;
    if (now != null) {
      now.upstreamRestarted();
    }
  }

  /** Lets nobody in any more. */
  void shut() {
    shutNow();
  }

  /** The cache, or null. */
  CachedVolume cache() {
    return cached;
  }

  @Override
  public long epoch() {
    RemoteVolume now = remote;
    return Math.max(highest, now == null ? 0 : now.newestEpoch());
  }

  @Override
  public Volume volume() {
    lastUsedNs = System.nanoTime();
    return served;
  }

  @Override
  public long verifier() {
    return verifier;
  }

  @Override
  public long storageVerifier() {
    return storageVerifier;
  }
}
