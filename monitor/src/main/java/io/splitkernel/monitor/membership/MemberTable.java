package io.splitkernel.monitor.membership;

import io.splitkernel.monitor.MonitorCounter;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.counters.Counters;
import io.splitkernel.protocol.rpc.RpcConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All members by node id, and their leases. Thread-safe. */
public final class MemberTable {
  private static final Logger LOG = LoggerFactory.getLogger(MemberTable.class);

  private final ConcurrentSkipListMap<Long, Member> members = new ConcurrentSkipListMap<>();
  private final Counters<MonitorCounter> counters;
  private final LongSupplier clockNs;
  private final long leaseNs;
  private final MembershipEvents events;
  private long checkedNs;

  /**
   * Empty.
   *
   * @param leaseNs without a heartbeat for so long a member is lost.
   * @param counters to bump.
   * @param clockNs monotonic time.
   * @param events what else to do when one is gone.
   */
  public MemberTable(
      long leaseNs,
      Counters<MonitorCounter> counters,
      LongSupplier clockNs,
      MembershipEvents events) {
    this.leaseNs = leaseNs;
    this.counters = counters;
    this.clockNs = clockNs;
    this.events = events;
    this.checkedNs = clockNs.getAsLong();
  }

  /**
   * Takes a member in.
   *
   * @param nodeId its new id.
   * @param description what it says about itself.
   * @param connection the way to it.
   * @return the member.
   */
  public Member add(long nodeId, Member.Description description, RpcConnection connection) {
    Member member = new Member(nodeId, description, connection, clockNs.getAsLong());
    members.put(nodeId, member);
    counters.set(MonitorCounter.MEMBERS, members.size());
    return member;
  }

  /**
   * A heartbeat came.
   *
   * @param member whose.
   * @param freeBytes that it reports; negative when it is about to be stopped, and not to be lost
   *     until it is heard of again or its connection ends.
   * @param values of its counters.
   */
  public void heartbeat(Member member, long freeBytes, long[] values) {
    member.report(freeBytes, values, clockNs.getAsLong());
    counters.increment(MonitorCounter.HEARTBEATS);
  }

  /**
   * A member is gone: it left, or its connection ended. The first to say so is heard.
   *
   * @param member which one.
   * @param left true when it left as it should.
   * @param reason one line.
   */
  public void remove(Member member, boolean left, String reason) {
    if (!members.remove(member.nodeId(), member)) {
      return;
    }
    counters.set(MonitorCounter.MEMBERS, members.size());
    counters.increment(left ? MonitorCounter.MEMBERS_LEFT : MonitorCounter.MEMBERS_LOST);
    String expired = member.lossReason();
    events.onGone(member, left, expired == null ? reason : expired);
  }

  /**
   * Throws out members whose lease has ended. To be called a few times per lease. A monitor that
   * did not run for half a lease, because its machine was stopped or busy, did not hear who was
   * alive: all leases begin anew then.
   *
   * @return who is out; the caller closes their connections.
   */
  public synchronized List<Member> expireLeases() {
    long nowNs = clockNs.getAsLong();
    long unwatchedNs = nowNs - checkedNs;
    checkedNs = nowNs;
    if (unwatchedNs > leaseNs / 2) {
      LOG.warn("the monitor did not run for {} ms; leases begin anew", unwatchedNs / 1_000_000);
      members.values().forEach(member -> member.renew(nowNs));
      return List.of();
    }
    List<Member> out = new ArrayList<>();
    for (Member member : members.values()) {
      long silentNs = nowNs - member.lastSeenNs();
      if (silentNs > leaseNs && !member.suspended()) {
        String reason = "no heartbeat for " + silentNs / 1_000_000 + " ms";
        member.expire(reason);
        counters.increment(MonitorCounter.LEASES_EXPIRED);
        remove(member, false, reason);
        out.add(member);
      }
    }
    return out;
  }

  /**
   * Finds a member.
   *
   * @param nodeId its id.
   * @return the member, or null.
   */
  public Member find(long nodeId) {
    return members.get(nodeId);
  }

  /**
   * All members.
   *
   * @return by node id.
   */
  public List<Member> all() {
    return List.copyOf(members.values());
  }

  /**
   * Members of one role.
   *
   * @param role which.
   * @return by node id.
   */
  public List<Member> of(NodeRole role) {
    return members.values().stream().filter(m -> m.description().role() == role).toList();
  }

  /**
   * Some members, for pages of a list.
   *
   * @param afterNodeId ids above this.
   * @param limit at most so many.
   * @return by node id.
   */
  public List<Member> page(long afterNodeId, int limit) {
    return members.tailMap(afterNodeId, false).values().stream().limit(limit).toList();
  }

  /**
   * Age of the last sign of life.
   *
   * @param member whose.
   * @return nanoseconds.
   */
  public long silentNs(Member member) {
    return clockNs.getAsLong() - member.lastSeenNs();
  }
}
