package io.splitkernel.mcomponent.space;

/** Length of a vRegion; the monitor's once it is known. Thread-safe. */
public final class VRegionLength {
  private volatile long bytes;

  /**
   * Starts with a configured one.
   *
   * @param bytes a power of two.
   */
  public VRegionLength(long bytes) {
    this.bytes = bytes;
  }

  /**
   * Takes the monitor's.
   *
   * @param monitorBytes a power of two.
   */
  public void set(long monitorBytes) {
    bytes = monitorBytes;
  }

  /**
   * The length.
   *
   * @return bytes.
   */
  public long bytes() {
    return bytes;
  }
}
