package io.splitkernel.protocol.files.client;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.FabricMemory;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.Secret;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection of a client, made anew when it is lost, to wherever the server or the volume's
 * owner is then. Knows whether something was lost on the way. Any thread.
 */
final class LiveLink {
  private static final Logger LOG = LoggerFactory.getLogger(LiveLink.class);

  /** Routes tried at once when servers know of higher epochs. */
  private static final int TRIES = 4;

  private final Fabric fabric;
  private final VolumeRoutes routes;
  private final Secret secret;
  private final NodeIdentity identity;
  private final FileClientConfig config;
  private final FabricMemory buffers;
  private final Unsynced unsynced;
  private final long clientId = new SecureRandom().nextLong() | 1;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition closing = lock.newCondition();
  private volatile FileLink link;
  private volatile boolean closed;
  private volatile Runnable onLoss = () -> {};
  private FileLink latest;
  private long refusedEpoch;

  LiveLink(
      Fabric fabric,
      VolumeRoutes routes,
      Secret secret,
      NodeIdentity identity,
      FileClientConfig config,
      FabricMemory buffers,
      Unsynced unsynced) {
    this.fabric = fabric;
    this.routes = routes;
    this.secret = secret;
    this.identity = identity;
    this.config = config;
    this.buffers = buffers;
    this.unsynced = unsynced;
  }

  /** Connects for the first time. */
  void open() throws FabricException {
    lock.lock();
    try {
      latest = connect();
      link = latest;
    } finally {
      lock.unlock();
    }
  }

  private FileLink connect() throws FabricException {
    for (int tries = 1; ; tries++) {
      try {
        VolumeRoute route = routes.find(refusedEpoch);
        return FileLink.connect(
            fabric, route, secret, identity, clientId, buffers, config.callNs());
      } catch (EpochRefusedException e) {
        refusedEpoch = Math.max(refusedEpoch, e.epoch());
        if (tries == TRIES) {
          throw e;
        }
      }
    }
  }

  /** What to do when something may be lost at the server; must not wait for it. */
  void onLoss(Runnable action) {
    onLoss = action;
  }

  /** The connection, or null when there is none now. */
  FileLink now() {
    return link;
  }

  boolean isClosed() {
    return closed;
  }

  /** Numbers of the last connection, also after its end. */
  long verifier() {
    lock.lock();
    try {
      return latest.verifier();
    } finally {
      lock.unlock();
    }
  }

  /** A server knows a higher epoch than the one in use. */
  void refused(long epoch) {
    lock.lock();
    try {
      refusedEpoch = Math.max(refusedEpoch, epoch);
    } finally {
      lock.unlock();
    }
  }

  /** Ends a connection that has failed; afterwards its buffers are safe to use. */
  void drop(FileLink failed) {
    lock.lock();
    try {
      if (link == failed) {
        link = null;
        failed.close();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Tries once, after a pause; one thread at a time. Whether there is a connection now. */
  boolean reconnect(long pauseNs) {
    try {
      if (!lock.tryLock(pauseNs, TimeUnit.NANOSECONDS)) {
        return link != null;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    try {
      if (link == null && !closed) {
        take(connect());
      }
      return true;
    } catch (FabricException e) {
      LOG.debug("not connected: {}", e.getMessage());
      pause(pauseNs);
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void take(FileLink made) {
    boolean loses = made.losesAfter(latest);
    if (loses) {
      unsynced.onLoss();
    }
    made.losses(unsynced.losses());
    latest = made;
    link = made;
    LOG.info("connected again{}", loses ? "; what was not synced may be lost" : "");
    if (loses) {
      onLoss.run();
    }
  }

  /** Under the lock, which it gives up meanwhile. */
  private void pause(long pauseNs) {
    try {
      long left = pauseNs;
      while (left > 0 && !closed) {
        left = closing.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends it; false when it was ended before. */
  boolean close() {
    lock.lock();
    try {
      if (closed) {
        return false;
      }
      closed = true;
      closing.signalAll();
      if (link != null) {
        link.close();
        link = null;
      }
      return true;
    } finally {
      lock.unlock();
    }
  }
}
