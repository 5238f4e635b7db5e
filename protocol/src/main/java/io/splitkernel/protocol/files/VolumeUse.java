package io.splitkernel.protocol.files;

import io.splitkernel.ffi.Errno;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.StampedLock;
import java.util.function.LongSupplier;

/**
 * The door to a volume. Whoever has a volume has it under an epoch, a number that grows each time
 * that another one gets it, and every operation tells the epoch under which it was asked. The first
 * of a higher epoch waits until all that are inside have ended; after that those of lower epochs
 * are refused, so that the users of two epochs never mix. 0 is the epoch of a volume that nobody
 * has had yet. Any thread; going in and out neither allocates nor blocks but for that one time.
 */
public abstract class VolumeUse {
  /** No epoch: nobody comes in before {@link #take} is asked. */
  protected static final long SHUT = -1;

  private static final long DRAIN_NS = 20_000_000_000L;

  private final StampedLock lock = new StampedLock();
  private volatile long epoch;

  /**
   * Closed for all epochs below the one given.
   *
   * @param epoch highest until now.
   */
  protected VolumeUse(long epoch) {
    this.epoch = epoch;
  }

  /**
   * Goes in; {@link #leave} must follow a positive result.
   *
   * @param asked epoch of the operation.
   * @return a positive stamp; -ESTALE when there is a higher epoch, another negative error number
   *     when the volume cannot be had now.
   */
  public final long enter(long asked) {
    if (asked < 0) {
      return -Errno.EINVAL;
    }
    while (true) {
      long stamp = lock.readLock();
      long now = epoch;
      if (asked == now) {
        return stamp;
      }
      lock.unlockRead(stamp);
      if (asked < now) {
        return -Errno.ESTALE;
      }
      int result = raise(asked);
      if (result < 0) {
        return result;
      }
    }
  }

  /**
   * Goes in when that needs no waiting and changes nothing; {@link #leave} must follow a positive
   * result.
   *
   * @param asked epoch of the operation.
   * @return a positive stamp, or 0 where only {@link #enter} can tell.
   */
  public final long tryEnter(long asked) {
    long stamp = lock.tryReadLock();
    if (stamp == 0 || asked == epoch) {
      return stamp;
    }
    lock.unlockRead(stamp);
    return 0;
  }

  private int raise(long asked) {
    long stamp = 0;
    try {
      stamp = lock.tryWriteLock(DRAIN_NS, TimeUnit.NANOSECONDS);
      if (stamp == 0) {
        return -Errno.ETIMEDOUT;
      }
      int result = asked > epoch ? take(asked) : 0;
      if (result == 0 && asked > epoch) {
        epoch = asked;
      }
      return result;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return -Errno.EINTR;
    } finally {
      if (stamp != 0) {
        lock.unlockWrite(stamp);
      }
    }
  }

  /**
   * Does something while nobody is inside, and sets the epoch.
   *
   * @param waitNs longest wait for those inside.
   * @param step gives the new epoch.
   * @return false when some did not end in time.
   */
  protected final boolean alone(long waitNs, LongSupplier step) {
    long stamp = 0;
    try {
      stamp = lock.tryWriteLock(waitNs, TimeUnit.NANOSECONDS);
      if (stamp != 0) {
        epoch = step.getAsLong();
      }
      return stamp != 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      if (stamp != 0) {
        lock.unlockWrite(stamp);
      }
    }
  }

  /**
   * Goes out.
   *
   * @param stamp of {@link #enter}.
   */
  public final void leave(long stamp) {
    lock.unlockRead(stamp);
  }

  /** Lets nobody in any more before {@link #take} is asked; does not wait for those inside. */
  protected final void shutNow() {
    epoch = SHUT;
  }

  /** The epoch that is let in. */
  protected final long admitted() {
    return epoch;
  }

  /**
   * The highest epoch that is known.
   *
   * @return the epoch; above the one that is let in when the volume is known to be another one's.
   */
  public long epoch() {
    return epoch;
  }

  /**
   * Takes the volume for a higher epoch. Nobody is inside.
   *
   * @param next epoch.
   * @return 0, or a negative error number when it cannot be had.
   */
  protected abstract int take(long next);

  /**
   * The volume.
   *
   * @return for use between going in and out.
   */
  public abstract Volume volume();

  /**
   * Changes when what was written here but not synced may have been lost.
   *
   * @return a number.
   */
  public abstract long verifier();

  /**
   * As {@link #verifier}, of the storage component behind it; the same number at that component.
   *
   * @return a number.
   */
  public long storageVerifier() {
    return verifier();
  }
}
