package io.splitkernel.mcomponent.filecache;

import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeSpace;

/**
 * Keeps writers honest about space: bytes may wait here only while the upstream volume has room for
 * all that wait, and a margin. Once a write was refused there, everything goes through until one
 * succeeds. Counts too much rather than too little. Any thread.
 */
final class SpaceGuard {
  /** A margin is at most this share of the volume. */
  private static final int MARGIN_SHARE = 16;

  private static final long REFRESH_PAUSE_NS = 10_000_000;

  private final Volume upstream;
  private final long marginBytes;
  private final long ageNs;
  private long freeBytes;
  private long totalBytes;
  private long waiting;
  private long sentSince;
  private long askedNs;
  private boolean asking;
  private boolean outdated;
  private boolean known;
  private volatile boolean trusted;

  SpaceGuard(Volume upstream, FileCacheSettings settings) {
    this.upstream = upstream;
    this.marginBytes = settings.spaceMarginBytes();
    this.ageNs = settings.spaceAgeNs();
  }

  /** The outcome of a write upstream. */
  void outcome(boolean accepted) {
    if (trusted != accepted) {
      trusted = accepted;
    }
  }

  /** Whether the last write upstream was accepted. */
  boolean trusted() {
    return trusted;
  }

  /** Reserves room for bytes that will wait; false when they must go through. */
  boolean reserve(long bytes) {
    if (!trusted) {
      return false;
    }
    if (stale(bytes)) {
      VolumeSpace now = new VolumeSpace();
      refreshed(upstream.space(now), now);
    }
    synchronized (this) {
      if (!known || !fits(bytes)) {
        return false;
      }
      waiting += bytes;
      return true;
    }
  }

  private synchronized boolean stale(long bytes) {
    long age = System.nanoTime() - askedNs;
    boolean old = age > ageNs || (!fits(bytes) && age > REFRESH_PAUSE_NS);
    if (asking || (known && !old)) {
      return false;
    }
    asking = true;
    outdated = false;
    // What is sent from here on may or may not be in the answer: it counts.
    sentSince = 0;
    return true;
  }

  private synchronized void refreshed(int result, VolumeSpace now) {
    asking = false;
    askedNs = System.nanoTime();
    known = result == 0 && !outdated;
    if (known) {
      freeBytes = now.freeBytes;
      totalBytes = now.totalBytes;
    }
  }

  /** A length upstream has changed: the free space is not what it was, nor what is on its way. */
  synchronized void forget() {
    known = false;
    outdated = true;
  }

  /** Bytes went through. */
  synchronized void sent(long bytes) {
    sentSince += bytes;
  }

  /** Reserves although there may be none. */
  synchronized void force(long bytes) {
    waiting += bytes;
  }

  /** Bytes that were reserved do not wait any more. */
  synchronized void release(long bytes, boolean sent) {
    waiting -= bytes;
    if (sent) {
      sentSince += bytes;
    }
  }

  synchronized long waiting() {
    return waiting;
  }

  private boolean fits(long bytes) {
    long margin = Math.min(marginBytes, totalBytes / MARGIN_SHARE);
    return waiting + sentSince + bytes + margin <= freeBytes;
  }
}
