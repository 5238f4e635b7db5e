package io.splitkernel.mcomponent.pool;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.FabricMemory;
import java.util.Arrays;

/**
 * The component's whole capacity as one sparse memory, cut into extents. Whoever takes an extent
 * finds zeroes in it. Thread-safe; control path.
 */
public final class ExtentPool implements AutoCloseable {
  /** {@link #take} found nothing. */
  public static final int EXHAUSTED = -1;

  private static final int EXTENTS_MAX = 1 << 28;

  private final FabricMemory memory;
  private final long extentBytes;
  private final int extents;
  private int[] returned = new int[64];
  private int returnedCount;
  private int firstFresh;
  private int quarantined;

  private ExtentPool(FabricMemory memory, long extentBytes, int extents) {
    this.memory = memory;
    this.extentBytes = extentBytes;
    this.extents = extents;
  }

  /**
   * Allocates the memory; physical pages come with use.
   *
   * @param fabric that regions will be registered with.
   * @param capacityBytes at least one extent; rounded down to whole extents.
   * @param extentBytes a power of two, at least 4 KiB.
   * @return the pool.
   * @throws FabricException when the memory cannot be had.
   */
  public static ExtentPool open(Fabric fabric, long capacityBytes, long extentBytes)
      throws FabricException {
    long count = capacityBytes / extentBytes;
    if (count < 1 || count > EXTENTS_MAX) {
      throw new IllegalArgumentException(
          "a capacity of "
              + capacityBytes
              + " bytes is "
              + count
              + " extents of "
              + extentBytes
              + ", not 1.."
              + EXTENTS_MAX);
    }
    FabricMemory memory = fabric.allocateMemory(count * extentBytes, "lego-pool");
    return new ExtentPool(memory, extentBytes, (int) count);
  }

  /**
   * Takes a zeroed extent.
   *
   * @return its number, or {@link #EXHAUSTED}.
   */
  public synchronized int take() {
    if (returnedCount > 0) {
      return returned[--returnedCount];
    }
    return firstFresh < extents ? firstFresh++ : EXHAUSTED;
  }

  /**
   * Scrubs an extent and takes it back. No region may cover it any more.
   *
   * @param extent from {@link #take}.
   * @return false when it could not be scrubbed and so is never used again.
   */
  public boolean give(int extent) {
    boolean scrubbed;
    try {
      memory.discard(offset(extent), extentBytes);
      scrubbed = true;
    } catch (FabricException e) {
      scrubbed = false;
    }
    synchronized (this) {
      if (!scrubbed) {
        quarantined++;
        return false;
      }
      if (returnedCount == returned.length) {
        returned = Arrays.copyOf(returned, returned.length * 2);
      }
      returned[returnedCount++] = extent;
      return true;
    }
  }

  /**
   * Memory to register.
   *
   * @return the whole of it.
   */
  public FabricMemory memory() {
    return memory;
  }

  /**
   * Where an extent lies in {@link #memory}.
   *
   * @param extent its number.
   * @return offset in bytes.
   */
  public long offset(int extent) {
    return extent * extentBytes;
  }

  /**
   * Length of each extent.
   *
   * @return bytes, a power of two.
   */
  public long extentBytes() {
    return extentBytes;
  }

  /**
   * Whole capacity.
   *
   * @return bytes.
   */
  public long capacityBytes() {
    return extents * extentBytes;
  }

  /**
   * What can still be taken.
   *
   * @return bytes.
   */
  public synchronized long freeBytes() {
    return (extents - firstFresh + returnedCount) * extentBytes;
  }

  /**
   * Extents that could not be scrubbed.
   *
   * @return how many.
   */
  public synchronized int quarantined() {
    return quarantined;
  }

  @Override
  public void close() {
    memory.close();
  }
}
