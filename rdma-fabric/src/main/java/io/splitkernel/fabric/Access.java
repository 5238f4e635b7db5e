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

  private Access() {}
}
