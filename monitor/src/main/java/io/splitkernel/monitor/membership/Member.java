package io.splitkernel.monitor.membership;

import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.rpc.RpcConnection;
import java.util.List;

/** One member. What it reports changes; who it is does not. Thread-safe. */
public final class Member {
  private final long nodeId;
  private final Description description;
  private final RpcConnection connection;
  private volatile long lastSeenNs;
  private volatile boolean suspended;
  private volatile long freeBytes;
  private volatile long[] counters;
  private volatile String lossReason;
  private volatile boolean leaving;

  /**
   * What a member says about itself.
   *
   * @param role of the member.
   * @param name of the member.
   * @param address where it listens, or null.
   * @param processId on its machine.
   * @param capacityBytes memory that it offers.
   * @param extentBytes its allocation granularity.
   * @param fileCacheBytes memory for files of volumes, 0 when it is not to own any.
   * @param counterNames of its counters.
   */
  public record Description(
      NodeRole role,
      String name,
      FabricAddress address,
      long processId,
      long capacityBytes,
      long extentBytes,
      long fileCacheBytes,
      List<String> counterNames) {}

  Member(long nodeId, Description description, RpcConnection connection, long nowNs) {
    this.nodeId = nodeId;
    this.description = description;
    this.connection = connection;
    this.lastSeenNs = nowNs;
    this.freeBytes = description.capacityBytes();
    this.counters = new long[description.counterNames().size()];
  }

  /** Its id. */
  public long nodeId() {
    return nodeId;
  }

  /** What it said about itself. */
  public Description description() {
    return description;
  }

  /** The way to it. */
  public RpcConnection connection() {
    return connection;
  }

  /** Memory that is free there, as last reported, in bytes. */
  public long freeBytes() {
    return freeBytes;
  }

  /** Whether it gives up what it has, because it is about to leave. */
  public boolean leaving() {
    return leaving;
  }

  /** It has begun to give up what it has. */
  public void leave() {
    leaving = true;
  }

  /** Counters as last reported; never changed in place. */
  public long[] counters() {
    return counters;
  }

  /** When it was last heard of, in the table's clock. */
  public long lastSeenNs() {
    return lastSeenNs;
  }

  /** Why it was thrown out, or null. */
  String lossReason() {
    return lossReason;
  }

  void expire(String reason) {
    lossReason = reason;
  }

  /** Its lease begins anew, though nothing was heard. */
  void renew(long nowNs) {
    lastSeenNs = nowNs;
  }

  /** Whether it is stopped and has said so: it is not silent, then. */
  boolean suspended() {
    return suspended;
  }

  void report(long free, long[] values, long nowNs) {
    suspended = free < 0;
    freeBytes = suspended ? freeBytes : free;
    counters = values;
    lastSeenNs = nowNs;
  }
}
