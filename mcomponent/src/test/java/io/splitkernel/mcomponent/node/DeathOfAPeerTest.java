package io.splitkernel.mcomponent.node;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.shm.ShmConfig;
import io.splitkernel.fabric.shm.ShmFabric;
import io.splitkernel.mcomponent.MemoryCounter;
import io.splitkernel.mcomponent.files.FileCacheConfig;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.memory.ExtentResult;
import io.splitkernel.protocol.memory.MemoryClient;
import io.splitkernel.protocol.rpc.RpcSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Components in separate processes, ended by SIGKILL. */
@Timeout(120)
class DeathOfAPeerTest {
  private static final String SECRET = "a secret for tests";
  private static final long EXTENT = 64 * 1024;
  private static final int EXTENTS = 8;
  private static final long SPACE = NodeIdentity.spaceId(9, 1);
  private static final NodeIdentity SELF = new NodeIdentity(9, NodeRole.PROCESSOR, "test");

  @Test
  void shouldFreeAndScrubEverythingWhenAProcessorComponentIsKilled() throws Exception {
    try (ShmFabric fabric = ShmFabric.open(ShmConfig.defaults());
        ShmFabric clientFabric = ShmFabric.open(ShmConfig.defaults());
        MemoryComponent component = MemoryComponent.start(fabric, config())) {
      long descriptors = descriptors();
      try (ChildJvm child =
          new ChildJvm(ChildProcessor.class, component.address(), EXTENTS, EXTENT, SECRET)) {
        assertEquals("ready", child.line());
        assertEquals(EXTENTS, component.counters().get(MemoryCounter.EXTENTS_IN_USE));
        child.kill();
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> component.counters().get(MemoryCounter.SPACES) == 0);
      }
      assertEquals(0, component.counters().get(MemoryCounter.BYTES_IN_USE));
      assertEquals(0, component.counters().get(MemoryCounter.DATA_CONNECTIONS));
      assertEquals(1, component.counters().get(MemoryCounter.SPACES_ORPHANED));
      await().atMost(Duration.ofSeconds(30)).until(() -> descriptors() <= descriptors);
      assertAllZero(clientFabric, component.address());
    }
  }

  private static MemoryComponentConfig config() {
    return new MemoryComponentConfig(
        "memory",
        EXTENTS * EXTENT,
        EXTENT,
        1L << 30,
        new FabricAddress("localhost", 0),
        null,
        Secret.of(SECRET),
        16,
        4,
        16,
        OneSided.TIMEOUT_NS,
        FileCacheConfig.NONE,
        RpcSettings.DEFAULT);
  }

  private static void assertAllZero(ShmFabric fabric, FabricAddress address) throws Exception {
    try (MemoryClient client =
        MemoryClient.connect(fabric, address, Secret.of(SECRET), SELF, OneSided.TIMEOUT_NS)) {
      client.openSpace(SPACE);
      try (OneSided data = new OneSided(fabric, client, SPACE)) {
        for (int i = 0; i < EXTENTS; i++) {
          ExtentResult.Granted extent =
              assertInstanceOf(
                  ExtentResult.Granted.class, client.allocateExtent(SPACE, i * EXTENT));
          assertEquals(CompletionStatus.SUCCESS, data.read(i * EXTENT, extent.rkey()));
          assertEquals(0, data.value());
        }
      }
    }
  }

  private static long descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.filter(DeathOfAPeerTest::isOfFabric).count();
    }
  }

  private static boolean isOfFabric(Path link) {
    try {
      String target = Files.readSymbolicLink(link).toString();
      return target.startsWith("/memfd:")
          || target.startsWith("socket:")
          || target.startsWith("anon_inode:");
    } catch (IOException closedMeanwhile) {
      return false;
    }
  }

  @Test
  void shouldTellTheProcessorComponentWhenAMemoryComponentIsKilled() throws Exception {
    try (ShmFabric fabric = ShmFabric.open(ShmConfig.defaults());
        ChildJvm child = new ChildJvm(ChildMemory.class, SECRET)) {
      FabricAddress address = FabricAddress.parse(child.line());
      try (MemoryClient client =
          MemoryClient.connect(fabric, address, Secret.of(SECRET), SELF, OneSided.TIMEOUT_NS)) {
        CompletableFuture<String> lost = new CompletableFuture<>();
        client.onLost(lost::complete);
        client.openSpace(SPACE);
        ExtentResult.Granted extent =
            assertInstanceOf(ExtentResult.Granted.class, client.allocateExtent(SPACE, 0x1234_5000));
        try (OneSided data = new OneSided(fabric, client, SPACE)) {
          assertEquals(CompletionStatus.SUCCESS, data.write(0x1234_5000, extent.rkey(), 1));
          child.kill();
          String reason = lost.get(30, TimeUnit.SECONDS);
          assertTrue(reason.contains("gone"), reason);
          assertNotEquals(CompletionStatus.SUCCESS, data.read(0x1234_5000, extent.rkey()));
        }
      }
    }
  }
}
