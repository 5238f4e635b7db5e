package io.splitkernel.monitor.node;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.shm.ShmConfig;
import io.splitkernel.fabric.shm.ShmFabric;
import io.splitkernel.monitor.MonitorCounter;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.cluster.AssignResult;
import io.splitkernel.protocol.cluster.CounterSource;
import io.splitkernel.protocol.cluster.Membership;
import io.splitkernel.protocol.cluster.MonitorClient;
import io.splitkernel.protocol.cluster.NodeInfo;
import io.splitkernel.protocol.cluster.ProgramInfo;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class MonitorNodeTest {
  private static final long TIMEOUT_NS = 30_000_000_000L;
  private static final long HEARTBEAT_NS = 50_000_000L;

  /** Never ends within a test: however long a thread is not run, only its death ends a member. */
  private static final long LEASE_NS = 3_600_000_000_000L;

  private static final long SHORT_LEASE_NS = 500_000_000L;
  private static final long GIB = 1L << 30;
  private static final long EXTENT = 2L << 20;
  private static final Secret SECRET = Secret.of("a secret for tests");

  private ShmFabric monitorFabric;
  private ShmFabric memberFabric;
  private MonitorNode monitor;

  @BeforeEach
  void start() throws FabricException {
    monitorFabric = ShmFabric.open(ShmConfig.defaults());
    memberFabric = ShmFabric.open(ShmConfig.defaults());
    monitor = start(LEASE_NS);
  }

  private MonitorNode start(long leaseNs) throws FabricException {
    return MonitorNode.start(
        monitorFabric,
        MonitorNodeConfig.of(new FabricAddress("localhost", 0), SECRET)
            .withLease(HEARTBEAT_NS, leaseNs));
  }

  @AfterEach
  void stop() {
    monitor.close();
    memberFabric.close();
    monitorFabric.close();
  }

  private MonitorClient join(Membership membership, RecordingListener listener)
      throws FabricException {
    return MonitorClient.join(
        memberFabric, monitor.address(), SECRET, membership, listener, TIMEOUT_NS);
  }

  private MonitorClient joinMemory(String name, int port, long capacity, RecordingListener listener)
      throws FabricException {
    return join(
        new Membership(
            NodeRole.MEMORY,
            name,
            new FabricAddress("localhost", port),
            1,
            capacity,
            EXTENT,
            new FixedCounters(capacity)),
        listener);
  }

  private MonitorClient joinProcessor(RecordingListener listener) throws FabricException {
    return join(Membership.processor("processor", CounterSource.NONE), listener);
  }

  private record FixedCounters(long freeBytes) implements CounterSource {
    @Override
    public String[] names() {
      return new String[] {"first", "second"};
    }

    @Override
    public void read(long[] values) {
      values[0] = 11;
      values[1] = 22;
    }
  }

  private static void eventually(Callable<Boolean> condition) {
    await().atMost(Duration.ofSeconds(30)).until(condition);
  }

  @Test
  void shouldSpreadNewSpacesOverBothMemoryComponents() throws FabricException {
    try (MonitorClient first = joinMemory("a", 1001, GIB, new RecordingListener());
        MonitorClient second = joinMemory("b", 1002, GIB, new RecordingListener());
        MonitorClient processor = joinProcessor(new RecordingListener())) {
      Map<Long, Integer> placed = new HashMap<>();
      for (int space = 0; space < 10; space++) {
        AssignResult.Assigned assigned =
            assertInstanceOf(
                AssignResult.Assigned.class,
                processor.assignRegion(NodeIdentity.spaceId(processor.nodeId(), space), 3));
        placed.merge(assigned.nodeId(), 1, Integer::sum);
      }
      assertEquals(Map.of(first.nodeId(), 5, second.nodeId(), 5), placed);
    }
  }

  @Test
  void shouldKeepASpaceTogetherWhileComponentsAreAboutEqual() throws FabricException {
    try (MonitorClient _ = joinMemory("a", 1001, GIB, new RecordingListener());
        MonitorClient _ = joinMemory("b", 1002, GIB, new RecordingListener());
        MonitorClient processor = joinProcessor(new RecordingListener())) {
      Map<Integer, Set<Long>> owners = new HashMap<>();
      for (int region = 0; region < 4; region++) {
        for (int space = 0; space < 3; space++) {
          AssignResult.Assigned assigned =
              assertInstanceOf(
                  AssignResult.Assigned.class,
                  processor.assignRegion(NodeIdentity.spaceId(processor.nodeId(), space), region));
          owners.computeIfAbsent(space, _ -> new HashSet<>()).add(assigned.nodeId());
        }
      }
      owners.values().forEach(of -> assertEquals(1, of.size(), owners::toString));
    }
  }

  @Test
  void shouldPreferTheComponentWithMostFreeCapacity() throws FabricException {
    try (MonitorClient _ = joinMemory("small", 1001, GIB / 4, new RecordingListener());
        MonitorClient large = joinMemory("large", 1002, GIB, new RecordingListener());
        MonitorClient processor = joinProcessor(new RecordingListener())) {
      for (int region = 0; region < 5; region++) {
        AssignResult.Assigned assigned =
            assertInstanceOf(
                AssignResult.Assigned.class,
                processor.assignRegion(NodeIdentity.spaceId(processor.nodeId(), 1), region));
        assertEquals(large.nodeId(), assigned.nodeId());
        assertEquals(new FabricAddress("localhost", 1002), assigned.address());
      }
    }
  }

  @Test
  void shouldTellTheOwnerBeforeItTellsTheProcessorComponent() throws FabricException {
    RecordingListener memory = new RecordingListener();
    try (MonitorClient _ = joinMemory("a", 1001, GIB, memory);
        MonitorClient processor = joinProcessor(new RecordingListener())) {
      long space = NodeIdentity.spaceId(processor.nodeId(), 1);
      AssignResult first = processor.assignRegion(space, 9);
      assertInstanceOf(AssignResult.Assigned.class, first);
      assertTrue(memory.granted.contains(9L));
      assertEquals(first, processor.assignRegion(space, 9));
      assertEquals(1, monitor.counters().get(MonitorCounter.REGIONS));
      assertNull(processor.releaseSpace(space));
      eventually(() -> memory.endedSpaces.contains(space));
    }
  }

  @Test
  void shouldNameFreeBytesWhenNoComponentHasRoom() throws FabricException {
    try (MonitorClient processor = joinProcessor(new RecordingListener())) {
      long space = NodeIdentity.spaceId(processor.nodeId(), 1);
      assertEquals(new AssignResult.NoCapacity(0), processor.assignRegion(space, 1));
      try (MonitorClient _ = joinMemory("full", 1001, EXTENT / 2, new RecordingListener())) {
        assertEquals(new AssignResult.NoCapacity(EXTENT / 2), processor.assignRegion(space, 1));
      }
      assertEquals(2, monitor.counters().get(MonitorCounter.REGIONS_REFUSED));
    }
  }

  @Test
  void shouldNotRememberARegionThatItsComponentDidNotTake() throws FabricException {
    RecordingListener refusing = new RecordingListener();
    refusing.takesRegions = false;
    try (MonitorClient _ = joinMemory("a", 1001, GIB, refusing);
        MonitorClient processor = joinProcessor(new RecordingListener())) {
      long space = NodeIdentity.spaceId(processor.nodeId(), 1);
      assertInstanceOf(AssignResult.Failed.class, processor.assignRegion(space, 1));
      refusing.takesRegions = true;
      assertInstanceOf(AssignResult.Assigned.class, processor.assignRegion(space, 1));
    }
  }

  @Test
  void shouldTellMembersBeforeTheLeaseEndsWhenAMemoryComponentIsLost() throws Exception {
    RecordingListener news = new RecordingListener();
    try (MonitorClient processor = joinProcessor(news)) {
      ShmFabric dying = ShmFabric.open(ShmConfig.defaults());
      MonitorClient memory =
          MonitorClient.join(
              dying,
              monitor.address(),
              SECRET,
              new Membership(
                  NodeRole.MEMORY,
                  "dying",
                  new FabricAddress("localhost", 1001),
                  1,
                  GIB,
                  EXTENT,
                  new FixedCounters(GIB)),
              new RecordingListener(),
              TIMEOUT_NS);
      long space = NodeIdentity.spaceId(processor.nodeId(), 1);
      assertInstanceOf(AssignResult.Assigned.class, processor.assignRegion(space, 1));
      dying.close();
      eventually(() -> !news.lost.isEmpty());
      assertEquals(memory.nodeId(), news.lost.getFirst().nodeId());
      assertEquals(NodeRole.MEMORY, news.lost.getFirst().role());
      AssignResult.Failed failed =
          assertInstanceOf(AssignResult.Failed.class, processor.assignRegion(space, 1));
      assertTrue(failed.reason().contains("lost"), failed.reason());
      assertEquals(1, monitor.counters().get(MonitorCounter.MEMBERS_LOST));
    }
  }

  /** Its only member, so that no other one can lose its lease while a thread is not run. */
  @Test
  void shouldDropAMemberWhoseHeartbeatsStop() throws Exception {
    monitor.close();
    monitor = start(SHORT_LEASE_NS);
    RecordingListener news = new RecordingListener();
    StuckCounters stuck = new StuckCounters();
    FabricAddress address = new FabricAddress("localhost", 1001);
    try (MonitorClient operator =
            MonitorClient.connect(memberFabric, monitor.address(), SECRET, TIMEOUT_NS);
        MonitorClient _ =
            join(new Membership(NodeRole.MEMORY, "silent", address, 1, GIB, EXTENT, stuck), news)) {
      synchronized (stuck) {
        eventually(() -> monitor.counters().get(MonitorCounter.LEASES_EXPIRED) == 1);
        eventually(() -> operator.listNodes().isEmpty());
      }
      eventually(() -> !news.monitorLost.isEmpty());
    }
  }

  /** Cannot be read while a test has them locked. */
  private static final class StuckCounters implements CounterSource {
    @Override
    public String[] names() {
      return new String[] {"one"};
    }

    @Override
    public synchronized void read(long[] values) {
      values[0] = 1;
    }

    @Override
    public long freeBytes() {
      return GIB;
    }
  }

  @Test
  void shouldForgetProgramsAndSpacesOfALostProcessorComponent() throws Exception {
    RecordingListener memory = new RecordingListener();
    try (MonitorClient _ = joinMemory("a", 1001, GIB, memory);
        MonitorClient operator =
            MonitorClient.connect(memberFabric, monitor.address(), SECRET, TIMEOUT_NS)) {
      ShmFabric dying = ShmFabric.open(ShmConfig.defaults());
      MonitorClient processor =
          MonitorClient.join(
              dying,
              monitor.address(),
              SECRET,
              Membership.processor("dying", CounterSource.NONE),
              new RecordingListener(),
              TIMEOUT_NS);
      long node = processor.nodeId();
      ProgramInfo program =
          new ProgramInfo(NodeIdentity.spaceId(node, 4711), "sort", "-n big", 12345);
      assertNull(processor.programStarted(program));
      processor.assignRegion(NodeIdentity.spaceId(node, 1), 1);
      assertEquals(List.of(program), operator.listPrograms());
      assertEquals(1, monitor.counters().get(MonitorCounter.REGIONS));
      dying.close();
      eventually(() -> operator.listPrograms().isEmpty());
      eventually(() -> monitor.counters().get(MonitorCounter.REGIONS) == 0);
      eventually(() -> memory.lost.stream().anyMatch(n -> n.nodeId() == node));
    }
  }

  @Test
  void shouldListNodesAndTheirCountersAcrossPages() throws FabricException {
    try (MonitorClient memory = joinMemory("memory", 1001, GIB, new RecordingListener());
        MonitorClient processor = joinProcessor(new RecordingListener());
        MonitorClient operator =
            MonitorClient.connect(memberFabric, monitor.address(), SECRET, TIMEOUT_NS)) {
      for (int i = 0; i < 70; i++) {
        long pid = NodeIdentity.spaceId(processor.nodeId(), i + 1);
        assertNull(processor.programStarted(new ProgramInfo(pid, "x".repeat(999), "", i)));
      }
      assertEquals(70, operator.listPrograms().size());
      List<NodeInfo> nodes = operator.listNodes();
      assertEquals(
          List.of(memory.nodeId(), processor.nodeId()),
          nodes.stream().map(NodeInfo::nodeId).toList());
      assertEquals(new FabricAddress("localhost", 1001), nodes.getFirst().address());
      assertEquals(GIB, nodes.getFirst().capacityBytes());
      eventually(
          () -> operator.stats().getFirst().values().equals(Map.of("first", 11L, "second", 22L)));
    }
  }

  @Test
  void shouldCarryAKillToTheProcessorComponentThatRunsTheProgram() throws FabricException {
    RecordingListener running = new RecordingListener();
    try (MonitorClient processor = joinProcessor(running);
        MonitorClient operator =
            MonitorClient.connect(memberFabric, monitor.address(), SECRET, TIMEOUT_NS)) {
      long pid = NodeIdentity.spaceId(processor.nodeId(), 5);
      assertNotNull(operator.kill(pid, 15));
      assertNull(processor.programStarted(new ProgramInfo(pid, "sleep", "1000", 0)));
      assertNull(operator.kill(pid, 15));
      assertEquals(List.of(pid), running.killed);
      assertNull(processor.programEnded(pid));
      assertNotNull(operator.kill(pid, 15));
    }
  }

  @Test
  void shouldTellEverybodyWhenTheClusterIsTakenDown() throws Exception {
    RecordingListener member = new RecordingListener();
    try (MonitorClient _ = joinProcessor(member);
        MonitorClient operator =
            MonitorClient.connect(memberFabric, monitor.address(), SECRET, TIMEOUT_NS)) {
      assertNull(operator.shutdownCluster());
      eventually(() -> member.shutdown);
      assertNotNull(monitor.ended().get(30, TimeUnit.SECONDS));
    }
    assertTrue(monitor.awaitNoMembers(TIMEOUT_NS));
    assertEquals(1, monitor.counters().get(MonitorCounter.MEMBERS_LEFT));
    assertEquals(0, monitor.counters().get(MonitorCounter.MEMBERS_LOST));
  }

  @Test
  void shouldTellMembersWhenTheMonitorIsLost() throws FabricException {
    RecordingListener member = new RecordingListener();
    try (MonitorClient client = joinProcessor(member)) {
      monitor.close();
      eventually(() -> member.monitorLost.size() == 1);
      assertInstanceOf(
          AssignResult.Failed.class,
          client.assignRegion(NodeIdentity.spaceId(client.nodeId(), 1), 1));
    }
  }

  @Test
  void shouldRefuseWhoDoesNotKnowTheSecret() {
    assertThrows(
        FabricException.class,
        () ->
            MonitorClient.connect(
                memberFabric, monitor.address(), Secret.of("not the secret"), TIMEOUT_NS));
    eventually(() -> monitor.counters().get(MonitorCounter.FAILED_JOINS) == 1);
  }

  @Test
  void shouldCutOffAMemberThatSpeaksForAnotherNode() throws FabricException {
    RecordingListener news = new RecordingListener();
    try (MonitorClient client = joinProcessor(news)) {
      assertInstanceOf(
          AssignResult.Failed.class,
          client.assignRegion(NodeIdentity.spaceId(client.nodeId() + 1, 1), 1));
      eventually(() -> news.monitorLost.size() == 1);
      assertEquals(1, monitor.counters().get(MonitorCounter.REJECTED_MESSAGES));
    }
  }
}
