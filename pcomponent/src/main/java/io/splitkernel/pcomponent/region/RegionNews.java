package io.splitkernel.pcomponent.region;

/** What the control thread tells the pager thread. */
sealed interface RegionNews {
  /** An extent can be used. */
  record Granted(
      int space, long spaceId, long extentAddress, long extentBytes, int rkey, DataLink link)
      implements RegionNews {
    @Override
    public String toString() {
      return "Granted[space=" + space + ", extent=0x" + Long.toHexString(extentAddress) + "]";
    }
  }

  /** No extent, and why. */
  record Denied(int space, long spaceId, long address, String reason) implements RegionNews {}

  /** No extent because the component cannot be reached. */
  record Unreachable(int space, long spaceId, long address, String reason) implements RegionNews {}

  /** A memory component is gone. */
  record StoreLost(MemoryStore store) implements RegionNews {}
}
