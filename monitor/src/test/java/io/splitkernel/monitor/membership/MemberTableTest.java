package io.splitkernel.monitor.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.splitkernel.monitor.MonitorCounter;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.counters.Counters;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MemberTableTest {
  private static final long SECOND_NS = 1_000_000_000L;
  private static final long LEASE_NS = 10 * SECOND_NS;

  private final AtomicLong clockNs = new AtomicLong(7);
  private final List<String> gone = new ArrayList<>();
  private final MemberTable table =
      new MemberTable(
          LEASE_NS,
          new Counters<>(MonitorCounter.class, () -> 0),
          clockNs::get,
          (member, _, reason) -> gone.add(member.nodeId() + ": " + reason));

  private Member join(long nodeId) {
    return table.add(
        nodeId, new Member.Description(NodeRole.PROCESSOR, "p", null, 1, 0, 0, 0, List.of()), null);
  }

  private void pass(long seconds, long step) {
    for (long s = 0; s < seconds; s += step) {
      clockNs.addAndGet(step * SECOND_NS);
      table.expireLeases();
    }
  }

  @Test
  void shouldThrowOutWhoIsSilentForLongerThanALease() {
    Member silent = join(1);
    Member alive = join(2);
    pass(6, 1);
    table.heartbeat(alive, 0, new long[0]);
    pass(4, 1);
    assertSame(silent, table.find(1));
    pass(1, 1);
    assertEquals(List.of("1: no heartbeat for 11000 ms"), gone);
    assertSame(alive, table.find(2));
  }

  @Test
  void shouldKeepWhoSaidThatItIsStoppedUntilItIsHeardOfAgain() {
    Member stopped = join(1);
    table.heartbeat(stopped, 5, new long[0]);
    table.heartbeat(stopped, -1, new long[0]);
    pass(1000, 1);
    assertEquals(List.of(), gone);
    assertEquals(5, stopped.freeBytes());
    table.heartbeat(stopped, 4, new long[0]);
    pass(11, 1);
    assertEquals(List.of("1: no heartbeat for 11000 ms"), gone);
  }

  /** Nobody was heard while the machine of the monitor stood still; that is not their silence. */
  @Test
  void shouldBeginLeasesAnewWhenItDidNotRunItself() {
    join(1);
    pass(9, 1);
    pass(20, 20);
    assertEquals(List.of(), gone);
    pass(10, 1);
    assertEquals(List.of(), gone);
    pass(1, 1);
    assertEquals(List.of("1: no heartbeat for 11000 ms"), gone);
  }
}
