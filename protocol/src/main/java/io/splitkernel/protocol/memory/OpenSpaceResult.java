package io.splitkernel.protocol.memory;

/** Answer to {@link MemoryClient#openSpace}. */
public sealed interface OpenSpaceResult {
  /**
   * The space is open.
   *
   * @param extentBytes granularity of {@link MemoryClient#allocateExtent}, a power of two.
   * @param vRegionBytes granularity of ownership, a power of two.
   * @param freeBytes free at the component now.
   */
  record Granted(long extentBytes, long vRegionBytes, long freeBytes) implements OpenSpaceResult {}

  /** This connection, or another one, has opened the space already. */
  record AlreadyOpen() implements OpenSpaceResult {}

  /**
   * The component has reached its limit of spaces.
   *
   * @param freeBytes memory that is free all the same.
   */
  record NoCapacity(long freeBytes) implements OpenSpaceResult {}

  /**
   * The component refused, could not be asked, or did not answer in time.
   *
   * @param reason one line.
   */
  record Failed(String reason) implements OpenSpaceResult {}
}
