package io.splitkernel.ci.cluster;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.shm.ShmConfig;
import io.splitkernel.fabric.shm.ShmFabric;
import io.splitkernel.mcomponent.MemoryCounter;
import io.splitkernel.mcomponent.node.MemoryComponent;
import io.splitkernel.mcomponent.node.MemoryComponentConfig;
import io.splitkernel.monitor.MonitorCounter;
import io.splitkernel.monitor.node.MonitorNode;
import io.splitkernel.monitor.node.MonitorNodeConfig;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.cluster.AssignResult;
import io.splitkernel.protocol.cluster.CounterSource;
import io.splitkernel.protocol.cluster.LostNode;
import io.splitkernel.protocol.cluster.Membership;
import io.splitkernel.protocol.cluster.MonitorClient;
import io.splitkernel.protocol.cluster.MonitorListener;
import io.splitkernel.protocol.cluster.NodeCounters;
import io.splitkernel.protocol.memory.ExtentResult;
import io.splitkernel.protocol.memory.MemoryClient;
import io.splitkernel.protocol.memory.OpenSpaceResult;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A monitor with two memory components, and processor components that use them. */
@Timeout(120)
class TwoMemoryComponentsTest {
  private static final long TIMEOUT_NS = 30_000_000_000L;
  private static final long HEARTBEAT_NS = 100_000_000L;

  /** Never ends within a test: however long a thread is not run, only its death ends a member. */
  private static final long LEASE_NS = 3_600_000_000_000L;

  private static final long CAPACITY = 64L << 20;
  private static final Secret SECRET = Secret.of("a secret for tests");
  private static final FabricAddress ANYWHERE = new FabricAddress("localhost", 0);

  private final List<LostNode> lost = new CopyOnWriteArrayList<>();
  private final Map<Long, MemoryClient> clients = new HashMap<>();
  private ShmFabric clusterFabric;
  private ShmFabric processorFabric;
  private MonitorNode monitor;
  private MemoryComponent first;
  private MemoryComponent second;
  private MonitorClient processor;

  @BeforeEach
  void start() throws FabricException {
    clusterFabric = ShmFabric.open(ShmConfig.defaults());
    processorFabric = ShmFabric.open(ShmConfig.defaults());
    monitor =
        MonitorNode.start(
            clusterFabric,
            MonitorNodeConfig.of(ANYWHERE, SECRET).withLease(HEARTBEAT_NS, LEASE_NS));
    first = memory("first");
    second = memory("second");
    processor =
        MonitorClient.join(
            processorFabric,
            monitor.address(),
            SECRET,
            Membership.processor("processor", CounterSource.NONE),
            new MonitorListener() {
              @Override
              public void onNodeLost(LostNode node) {
                lost.add(node);
              }
            },
            TIMEOUT_NS);
  }

  private MemoryComponent memory(String name) throws FabricException {
    return MemoryComponent.start(
        clusterFabric,
        MemoryComponentConfig.of(name, CAPACITY, ANYWHERE, monitor.address(), SECRET));
  }

  @AfterEach
  void stop() {
    clients.values().forEach(MemoryClient::close);
    processor.close();
    first.close();
    second.close();
    monitor.close();
    processorFabric.close();
    clusterFabric.close();
  }

  private MemoryClient client(AssignResult.Assigned at) throws FabricException {
    MemoryClient client = clients.get(at.nodeId());
    if (client == null) {
      client =
          MemoryClient.connect(
              processorFabric,
              at.address(),
              SECRET,
              new NodeIdentity(processor.nodeId(), NodeRole.PROCESSOR, "processor"),
              TIMEOUT_NS);
      clients.put(at.nodeId(), client);
    }
    return client;
  }

  private AssignResult.Assigned assign(long space, long region) {
    return assertInstanceOf(AssignResult.Assigned.class, processor.assignRegion(space, region));
  }

  private long space(int number) {
    return NodeIdentity.spaceId(processor.nodeId(), number);
  }

  private void use(long space) throws FabricException {
    AssignResult.Assigned at = assign(space, 5);
    MemoryClient client = client(at);
    assertInstanceOf(OpenSpaceResult.Granted.class, client.openSpace(space));
    assertInstanceOf(
        ExtentResult.Granted.class, client.allocateExtent(space, 5 * at.vRegionBytes()));
  }

  private static long extents(MemoryComponent component) {
    return component.counters().get(MemoryCounter.EXTENTS_IN_USE);
  }

  private static void eventually(Callable<Boolean> condition) {
    await().atMost(Duration.ofSeconds(30)).until(condition);
  }

  @Test
  void shouldShareTheLoadOfManySpaces() throws FabricException {
    for (int i = 0; i < 12; i++) {
      use(space(i));
    }
    assertEquals(12, extents(first) + extents(second));
    assertTrue(extents(first) >= 4 && extents(second) >= 4, () -> "first " + extents(first));
  }

  @Test
  void shouldNotMaterialiseWhatBelongsToTheOtherComponent() throws FabricException {
    AssignResult.Assigned here = assign(space(1), 5);
    AssignResult.Assigned there = assign(space(2), 5);
    MemoryClient wrong = client(there);
    assertInstanceOf(OpenSpaceResult.Granted.class, wrong.openSpace(space(1)));
    assertInstanceOf(
        ExtentResult.WrongOwner.class, wrong.allocateExtent(space(1), 5 * here.vRegionBytes()));
    assertEquals(0, extents(first) + extents(second));
  }

  @Test
  void shouldGoOnWithTheOtherComponentWhenOneIsLost() throws FabricException {
    for (int i = 0; i < 4; i++) {
      use(space(i));
    }
    long gone = first.nodeId();
    first.close();
    eventually(() -> !lost.isEmpty());
    assertEquals(gone, lost.getFirst().nodeId());
    for (int i = 10; i < 14; i++) {
      use(space(i));
      assertEquals(second.nodeId(), assign(space(i), 5).nodeId());
    }
  }

  @Test
  void shouldFenceTheSpacesOfAProcessorComponentThatTheMonitorHasLost() throws FabricException {
    for (int i = 0; i < 4; i++) {
      use(space(i));
    }
    processor.close();
    eventually(() -> extents(first) + extents(second) == 0);
    assertEquals(0, monitor.counters().get(MonitorCounter.REGIONS));
  }

  @Test
  void shouldReportCountersOfItsMembers() throws FabricException {
    use(space(1));
    long owner = assign(space(1), 5).nodeId();
    eventually(() -> {
      List<NodeCounters> stats = processor.stats();
      return stats.stream()
          .filter(s -> s.node().nodeId() == owner)
          .anyMatch(s -> Long.valueOf(1).equals(s.values().get("extents_in_use")));
    });
  }

  @Test
  void shouldEndTheComponentsWhenTheClusterIsTakenDown() throws Exception {
    assertNull(processor.shutdownCluster());
    first.ended().get(30, TimeUnit.SECONDS);
    second.ended().get(30, TimeUnit.SECONDS);
    monitor.ended().get(30, TimeUnit.SECONDS);
  }
}
