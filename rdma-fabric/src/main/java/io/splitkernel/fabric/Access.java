package io.splitkernel.fabric;

/** Access rights of a {@link MemoryRegion}, as bits of an {@code int} with verbs' values. */
public final class Access {
  /** The owner may use the region as the target of local writes (receives, read results). */
  public static final int LOCAL_WRITE = 1;

  /** A peer may RDMA WRITE; needs {@link #LOCAL_WRITE}. */
  public static final int REMOTE_WRITE = 1 << 1;

  /** A peer may RDMA READ. */
  public static final int REMOTE_READ = 1 << 2;

  /** A peer may run atomics; needs {@link #LOCAL_WRITE}. */
  public static final int REMOTE_ATOMIC = 1 << 3;

  /** Everything a memory component grants on an extent. */
  public static final int ALL = LOCAL_WRITE | REMOTE_WRITE | REMOTE_READ | REMOTE_ATOMIC;

  /**
   * The device may fault the region's pages in when they are used, instead of holding them all from
   * the start; only where {@link FabricLimits#onDemandPaging} says so.
   */
  public static final int ON_DEMAND = 1 << 6;

  private Access() {}

  /**
   * For providers: what is wrong with the rights that a region is to have.
   *
   * @param access bits of this class.
   * @param limits of the provider.
   * @return one line, or null.
   */
  public static String objection(int access, FabricLimits limits) {
    if ((access & ~(ALL | ON_DEMAND)) != 0) {
      return "unknown access bits";
    }
    if ((access & (REMOTE_WRITE | REMOTE_ATOMIC)) != 0 && (access & LOCAL_WRITE) == 0) {
      return "REMOTE_WRITE and REMOTE_ATOMIC need LOCAL_WRITE";
    }
    return (access & ON_DEMAND) != 0 && !limits.onDemandPaging()
        ? "the device has no on-demand paging; register without ON_DEMAND"
        : null;
  }
}
