package io.splitkernel.mcomponent.node;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.shm.ShmConfig;
import io.splitkernel.fabric.shm.ShmFabric;
import io.splitkernel.mcomponent.MemoryCounter;
import io.splitkernel.mcomponent.files.FileCacheConfig;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.memory.ExtentResult;
import io.splitkernel.protocol.memory.MemoryClient;
import io.splitkernel.protocol.memory.OpenSpaceResult;
import io.splitkernel.protocol.memory.ReleaseResult;
import io.splitkernel.protocol.rpc.RpcSettings;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class MemoryComponentTest {
  private static final long TIMEOUT_NS = OneSided.TIMEOUT_NS;
  private static final long EXTENT = 64 * 1024;
  private static final int EXTENTS = 8;
  private static final long NODE = 7;
  private static final long SPACE = NodeIdentity.spaceId(NODE, 1);
  private static final long OTHER_SPACE = NodeIdentity.spaceId(NODE, 2);
  private static final long ADDRESS = 0x7f12_3456_7000L;
  private static final Secret SECRET = Secret.of("a secret for tests");

  private ShmFabric serverFabric;
  private ShmFabric clientFabric;
  private MemoryComponent component;

  @BeforeEach
  void start() throws FabricException {
    serverFabric = ShmFabric.open(ShmConfig.defaults());
    clientFabric = ShmFabric.open(ShmConfig.defaults());
    component =
        MemoryComponent.start(
            serverFabric,
            new MemoryComponentConfig(
                "memory",
                EXTENTS * EXTENT,
                EXTENT,
                1L << 30,
                new FabricAddress("localhost", 0),
                null,
                SECRET,
                16,
                4,
                16,
                TIMEOUT_NS,
                FileCacheConfig.NONE,
                RpcSettings.DEFAULT));
  }

  @AfterEach
  void stop() {
    component.close();
    assertEquals(0, component.counters().get(MemoryCounter.EXTENTS_IN_USE));
    assertEquals(0, component.counters().get(MemoryCounter.SPACES));
    assertEquals(0, component.counters().get(MemoryCounter.DATA_CONNECTIONS));
    serverFabric.close();
    clientFabric.close();
  }

  private MemoryClient connect() throws FabricException {
    NodeIdentity identity = new NodeIdentity(NODE, NodeRole.PROCESSOR, "processor");
    return MemoryClient.connect(clientFabric, component.address(), SECRET, identity, TIMEOUT_NS);
  }

  private static ExtentResult.Granted granted(ExtentResult result) {
    return assertInstanceOf(ExtentResult.Granted.class, result);
  }

  private long count(MemoryCounter counter) {
    return component.counters().get(counter);
  }

  private void awaitCount(MemoryCounter counter, long value) {
    await().atMost(Duration.ofSeconds(30)).until(() -> count(counter) == value);
  }

  @Test
  void shouldReadWhatWasWrittenAtTheProgramsOwnAddress() throws FabricException {
    try (MemoryClient client = connect()) {
      OpenSpaceResult.Granted space =
          assertInstanceOf(OpenSpaceResult.Granted.class, client.openSpace(SPACE));
      assertEquals(EXTENT, space.extentBytes());
      ExtentResult.Granted extent = granted(client.allocateExtent(SPACE, ADDRESS));
      assertEquals(ADDRESS & -EXTENT, extent.extentAddress());
      try (OneSided data = new OneSided(clientFabric, client, SPACE)) {
        assertEquals(CompletionStatus.SUCCESS, data.read(ADDRESS, extent.rkey()));
        assertEquals(0, data.value());
        assertEquals(CompletionStatus.SUCCESS, data.write(ADDRESS, extent.rkey(), 42));
        assertEquals(CompletionStatus.SUCCESS, data.read(ADDRESS, extent.rkey()));
        assertEquals(42, data.value());
      }
    }
  }

  @Test
  void shouldGiveTheSameExtentWhenAskedTwice() throws FabricException {
    try (MemoryClient client = connect()) {
      client.openSpace(SPACE);
      ExtentResult first = client.allocateExtent(SPACE, ADDRESS);
      assertEquals(first, client.allocateExtent(SPACE, ADDRESS + 4096));
      assertEquals(1, count(MemoryCounter.EXTENTS_IN_USE));
    }
  }

  @Test
  void shouldNameFreeBytesWhenCapacityIsExhausted() throws FabricException {
    try (MemoryClient client = connect()) {
      client.openSpace(SPACE);
      long[] addresses = new long[EXTENTS + 1];
      for (int i = 0; i <= EXTENTS; i++) {
        addresses[i] = ADDRESS + i * EXTENT;
      }
      List<ExtentResult> results = client.allocateExtents(SPACE, addresses);
      results.subList(0, EXTENTS).forEach(MemoryComponentTest::granted);
      assertEquals(new ExtentResult.NoCapacity(0), results.get(EXTENTS));
      assertEquals(1, count(MemoryCounter.EXTENTS_REFUSED));
      assertInstanceOf(ReleaseResult.Released.class, client.releaseExtents(SPACE, addresses[3]));
      granted(client.allocateExtent(SPACE, addresses[EXTENTS]));
    }
  }

  @Test
  void shouldScrubMemoryBeforeAnotherSpaceGetsIt() throws FabricException {
    try (MemoryClient client = connect()) {
      client.openSpace(SPACE);
      for (int i = 0; i < EXTENTS; i++) {
        granted(client.allocateExtent(SPACE, ADDRESS + i * EXTENT));
      }
      try (OneSided data = new OneSided(clientFabric, client, SPACE)) {
        for (int i = 0; i < EXTENTS; i++) {
          long address = ADDRESS + i * EXTENT;
          int rkey = granted(client.allocateExtent(SPACE, address)).rkey();
          assertEquals(CompletionStatus.SUCCESS, data.write(address, rkey, 0x5EC_2E7));
        }
      }
      assertInstanceOf(ReleaseResult.Released.class, client.closeSpace(SPACE));
      client.openSpace(OTHER_SPACE);
      try (OneSided data = new OneSided(clientFabric, client, OTHER_SPACE)) {
        for (int i = 0; i < EXTENTS; i++) {
          long address = ADDRESS + i * EXTENT;
          int rkey = granted(client.allocateExtent(OTHER_SPACE, address)).rkey();
          assertEquals(CompletionStatus.SUCCESS, data.read(address, rkey));
          assertEquals(0, data.value());
        }
      }
    }
  }

  @Test
  void shouldRefuseAnotherSpacesKey() throws FabricException {
    try (MemoryClient client = connect()) {
      client.openSpace(SPACE);
      client.openSpace(OTHER_SPACE);
      int rkey = granted(client.allocateExtent(SPACE, ADDRESS)).rkey();
      try (OneSided data = new OneSided(clientFabric, client, OTHER_SPACE)) {
        assertEquals(CompletionStatus.REMOTE_ACCESS_ERROR, data.read(ADDRESS, rkey));
      }
    }
  }

  @Test
  void shouldRefuseAccessAfterTheSpaceIsClosed() throws FabricException {
    try (MemoryClient client = connect()) {
      client.openSpace(SPACE);
      int rkey = granted(client.allocateExtent(SPACE, ADDRESS)).rkey();
      try (OneSided data = new OneSided(clientFabric, client, SPACE)) {
        assertEquals(CompletionStatus.SUCCESS, data.write(ADDRESS, rkey, 1));
        assertInstanceOf(ReleaseResult.Released.class, client.closeSpace(SPACE));
        assertNotEquals(CompletionStatus.SUCCESS, data.read(ADDRESS, rkey));
      }
      assertInstanceOf(ReleaseResult.NotOpen.class, client.closeSpace(SPACE));
      assertInstanceOf(ExtentResult.Failed.class, client.allocateExtent(SPACE, ADDRESS));
    }
  }

  @Test
  void shouldFreeEverythingWhenTheControlConnectionEnds() throws FabricException {
    MemoryClient client = connect();
    client.openSpace(SPACE);
    granted(client.allocateExtent(SPACE, ADDRESS));
    try (OneSided data = new OneSided(clientFabric, client, SPACE)) {
      awaitCount(MemoryCounter.DATA_CONNECTIONS, 1);
      client.close();
      awaitCount(MemoryCounter.EXTENTS_IN_USE, 0);
      awaitCount(MemoryCounter.SPACES, 0);
      awaitCount(MemoryCounter.DATA_CONNECTIONS, 0);
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> data.connection().state() == Connection.State.ERROR);
    }
    assertEquals(1, count(MemoryCounter.SPACES_ORPHANED));
  }

  @Test
  void shouldRefuseASpaceThatIsOpenAlready() throws FabricException {
    try (MemoryClient first = connect();
        MemoryClient second = connect()) {
      first.openSpace(SPACE);
      assertInstanceOf(OpenSpaceResult.AlreadyOpen.class, second.openSpace(SPACE));
      assertInstanceOf(ExtentResult.Failed.class, second.allocateExtent(SPACE, ADDRESS));
      assertInstanceOf(ReleaseResult.NotOpen.class, second.closeSpace(SPACE));
      assertThrows(FabricException.class, () -> new OneSided(clientFabric, second, SPACE));
      granted(first.allocateExtent(SPACE, ADDRESS));
    }
  }

  @Test
  void shouldTellTheClientWhenTheComponentIsLost() throws Exception {
    try (MemoryClient client = connect()) {
      CompletableFuture<String> lost = new CompletableFuture<>();
      client.onLost(lost::complete);
      client.openSpace(SPACE);
      component.close();
      String reason = lost.get(30, TimeUnit.SECONDS);
      assertTrue(reason.contains(component.address().toString()), reason);
      assertInstanceOf(ExtentResult.Failed.class, client.allocateExtent(SPACE, ADDRESS));
    }
  }

  @Test
  void shouldCountAndRefuseAPeerWithAnotherSecret() throws FabricException {
    NodeIdentity identity = new NodeIdentity(NODE, NodeRole.PROCESSOR, "stranger");
    Secret other = Secret.of("another secret");
    FabricException refused =
        assertThrows(
            FabricException.class,
            () ->
                MemoryClient.connect(
                    clientFabric, component.address(), other, identity, TIMEOUT_NS));
    assertTrue(refused.getMessage().contains("secret"), refused.getMessage());
    awaitCount(MemoryCounter.FAILED_JOINS, 1);
    connect().close();
    awaitCount(MemoryCounter.JOINS, 1);
  }

  @Test
  void shouldRejectASpaceOfAnotherNode() throws FabricException {
    try (MemoryClient client = connect()) {
      assertInstanceOf(
          OpenSpaceResult.Failed.class, client.openSpace(NodeIdentity.spaceId(NODE + 1, 1)));
      awaitCount(MemoryCounter.REJECTED_MESSAGES, 1);
    }
  }
}
