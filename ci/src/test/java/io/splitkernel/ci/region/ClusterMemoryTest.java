package io.splitkernel.ci.region;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.shm.ShmConfig;
import io.splitkernel.fabric.shm.ShmFabric;
import io.splitkernel.ffi.Epoll;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.mcomponent.node.MemoryComponent;
import io.splitkernel.mcomponent.node.MemoryComponentConfig;
import io.splitkernel.monitor.node.MonitorNode;
import io.splitkernel.monitor.node.MonitorNodeConfig;
import io.splitkernel.pcomponent.fault.RemoteEvents;
import io.splitkernel.pcomponent.fault.RemoteMemory;
import io.splitkernel.pcomponent.region.ClusterConfig;
import io.splitkernel.pcomponent.region.ClusterMemory;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.cluster.CounterSource;
import io.splitkernel.protocol.cluster.Membership;
import io.splitkernel.protocol.cluster.MonitorClient;
import io.splitkernel.protocol.cluster.MonitorListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The processor component's view of remote memory against a real monitor and memory component. */
@Timeout(120)
class ClusterMemoryTest {
  private static final long TIMEOUT_NS = 30_000_000_000L;
  private static final Secret SECRET = Secret.of("a secret for tests");
  private static final int PAGE = 4096;
  private static final long CAPACITY = 8L << 20;

  /** Never ends within a test: however long a thread is not run, only its death ends a member. */
  private static final long LEASE_NS = 3_600_000_000_000L;

  private static final long ADDRESS = 0x7f12_3456_7000L;

  private ShmFabric serverFabric;
  private ShmFabric fabric;
  private MonitorNode monitor;
  private MemoryComponent component;
  private MonitorClient client;
  private ClusterMemory memory;
  private Epoll epoll;
  private long frames;
  private final RemoteEvents events = new RemoteEvents(32);

  @BeforeEach
  void start() throws FabricException {
    serverFabric = ShmFabric.open(ShmConfig.defaults());
    fabric = ShmFabric.open(ShmConfig.defaults());
    FabricAddress local = new FabricAddress("127.0.0.1", 0);
    monitor =
        MonitorNode.start(
            serverFabric, MonitorNodeConfig.of(local, SECRET).withLease(100_000_000L, LEASE_NS));
    component =
        MemoryComponent.start(
            serverFabric,
            MemoryComponentConfig.of("memory", CAPACITY, local, monitor.address(), SECRET));
    client =
        MonitorClient.join(
            fabric,
            monitor.address(),
            SECRET,
            Membership.processor("processor", CounterSource.NONE),
            new MonitorListener() {},
            TIMEOUT_NS);
    NodeIdentity identity = new NodeIdentity(client.nodeId(), NodeRole.PROCESSOR, "processor");
    memory = new ClusterMemory(fabric, client, ClusterConfig.of(SECRET, identity));
    epoll = new Epoll(4);
    if (memory.eventDescriptor() >= 0) {
      epoll.add(memory.eventDescriptor(), Epoll.IN, 1);
    }
    frames = memory.allocateFrames(64L * PAGE);
    memory.openSpace(1);
  }

  @AfterEach
  void stop() {
    memory.close();
    client.close();
    component.close();
    monitor.close();
    fabric.close();
    serverFabric.close();
    epoll.close();
  }

  /** Waits as the pager does, for one event. */
  private RemoteEvents.Kind next() {
    long deadline = System.nanoTime() + TIMEOUT_NS;
    while (System.nanoTime() < deadline) {
      memory.flush();
      if (memory.poll(events) > 0) {
        assertEquals(1, events.count());
        return events.kind(0);
      }
      if (memory.eventDescriptor() >= 0 && memory.arm()) {
        epoll.await(1_000_000_000L);
      }
    }
    throw new AssertionError("no event");
  }

  private void grant(int space, long address) {
    assertEquals(RemoteMemory.NO_EXTENT, memory.write(1, space, address, frames));
    memory.requestExtent(space, address);
    memory.requestExtent(space, address);
    assertEquals(RemoteEvents.Kind.EXTENT_GRANTED, next());
    assertEquals(space, events.space(0));
  }

  @Test
  void shouldReadWhatWasWrittenAtTheProgramsOwnAddress() {
    grant(1, ADDRESS);
    RawMemory.putLong(frames, 4711);
    assertEquals(RemoteMemory.POSTED, memory.write(7, 1, ADDRESS, frames));
    assertEquals(RemoteEvents.Kind.DONE, next());
    assertEquals(7, events.token(0));
    assertEquals(RemoteMemory.POSTED, memory.read(8, 1, ADDRESS, frames + PAGE, PAGE));
    assertEquals(RemoteEvents.Kind.DONE, next());
    assertEquals(4711, RawMemory.getLong(frames + PAGE));
    assertEquals(0, memory.outstanding());
  }

  @Test
  void shouldKeepSpacesApart() {
    memory.openSpace(2);
    grant(1, ADDRESS);
    grant(2, ADDRESS);
    RawMemory.putLong(frames, 1);
    memory.write(1, 1, ADDRESS, frames);
    next();
    memory.read(2, 2, ADDRESS, frames + PAGE, PAGE);
    next();
    assertEquals(0, RawMemory.getLong(frames + PAGE));
  }

  @Test
  void shouldGiveTheMemoryOfAnEndedSpaceToTheNext() {
    for (int round = 0; round < 12; round++) {
      grant(1, ADDRESS + round * (1L << 30));
      RawMemory.putLong(frames, round + 1);
      memory.write(1, 1, ADDRESS + round * (1L << 30), frames);
      assertEquals(RemoteEvents.Kind.DONE, next());
      memory.closeSpace(1);
      memory.openSpace(1);
    }
  }

  @Test
  void shouldDenyAnExtentWhenNoComponentHasRoom() {
    int granted = 0;
    RemoteEvents.Kind kind = RemoteEvents.Kind.EXTENT_GRANTED;
    while (kind == RemoteEvents.Kind.EXTENT_GRANTED && granted < 100) {
      memory.requestExtent(1, ADDRESS + granted * (2L << 20));
      kind = next();
      granted++;
    }
    assertEquals(RemoteEvents.Kind.EXTENT_DENIED, kind);
    assertEquals(CAPACITY / (2L << 20) + 1, granted);
    assertTrue(events.reason(0).startsWith("out of memory"), events.reason(0));
  }

  @Test
  void shouldTellOfALostComponentBeforeItsLeaseEnds() {
    grant(1, ADDRESS);
    component.close();
    assertEquals(RemoteEvents.Kind.SPACE_LOST, next());
    assertEquals(1, events.space(0));
    assertTrue(events.reason(0).startsWith("memory lost"), events.reason(0));
    assertNotEquals(RemoteMemory.POSTED, memory.read(9, 1, ADDRESS, frames, PAGE));
  }
}
