package io.splitkernel.fabric.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.fabric.Access;
import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.FabricMemory;
import io.splitkernel.fabric.FabricPair;
import io.splitkernel.fabric.FabricPair.Options;
import io.splitkernel.fabric.MemoryRegion;
import io.splitkernel.fabric.WorkRequest;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a shared-memory fabric holds in its process, and when it lets go. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ShmLifeTest {
  private final WorkRequest request = new WorkRequest();

  private static FabricPair pair() throws Exception {
    return new FabricPair(
        ShmFabric.open(ShmConfig.defaults()),
        ShmFabric.open(ShmConfig.defaults()),
        1 << 20,
        Options.defaults());
  }

  private static long held() throws Exception {
    return ProcessResources.descriptors() + ProcessResources.sharedMappings();
  }

  private static long eventThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("shm-events"))
        .count();
  }

  private void touch(FabricPair pair, int key, long address) {
    pair.client.connection.post(
        request
            .read(1, address, key)
            .local(pair.client.region.lkey(), pair.client.region.iova(), 8));
    assertEquals(CompletionStatus.SUCCESS, pair.client.awaitOne().status());
  }

  @Test
  void shouldLeaveNothingBehindWhenClosed() throws Exception {
    long before = held();
    long threads = eventThreads();
    for (int i = 0; i < 30; i++) {
      try (FabricPair pair = pair()) {
        touch(pair, pair.server.region.rkey(), pair.server.region.iova());
      }
    }
    assertEquals(before, held());
    assertEquals(threads, eventThreads());
  }

  @Test
  void shouldUnmapAPeersMemoryWhenThePeerClosesIt() throws Exception {
    try (FabricPair pair = pair()) {
      touch(pair, pair.server.region.rkey(), pair.server.region.iova());
      long before = held();
      for (int i = 0; i < 20; i++) {
        FabricMemory memory = pair.server.fabric.allocateMemory(1 << 20, "passing");
        MemoryRegion region = pair.server.domain.register(memory, 0, 4096, 0, Access.ALL);
        touch(pair, region.rkey(), 0);
        region.close();
        memory.close();
      }
      Awaitility.await()
          .pollInterval(Duration.ofMillis(5))
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertEquals(before, held()));
    }
  }

  @Test
  void shouldCloseTheFabricFromItsOwnCallback() throws Exception {
    try (FabricPair pair = pair()) {
      CountDownLatch closed = new CountDownLatch(1);
      pair.client.connection.onDisconnect(() -> {
        pair.client.fabric.close();
        closed.countDown();
      });
      pair.server.connection.close();
      assertTrue(closed.await(30, TimeUnit.SECONDS));
      assertEquals(Connection.State.CLOSED, pair.client.connection.state());
    }
  }

  @Test
  void shouldSurviveClosingWhileAnotherThreadPosts() throws Exception {
    for (int round = 0; round < 50; round++) {
      try (FabricPair pair = pair()) {
        touch(pair, pair.server.region.rkey(), pair.server.region.iova());
        CountDownLatch started = new CountDownLatch(1);
        CompletableFuture<Integer> poster =
            CompletableFuture.supplyAsync(() -> postUntilClosed(pair, started));
        assertTrue(started.await(30, TimeUnit.SECONDS));
        pair.client.connection.close();
        assertEquals(Connection.CLOSED, poster.get(30, TimeUnit.SECONDS));
      }
    }
  }

  private int postUntilClosed(FabricPair pair, CountDownLatch started) {
    WorkRequest read =
        new WorkRequest()
            .read(1, pair.server.region.iova(), pair.server.region.rkey())
            .local(pair.client.region.lkey(), pair.client.region.iova(), 65536);
    while (true) {
      int result = pair.client.connection.post(read);
      if (result == Connection.CLOSED) {
        return result;
      }
      pair.client.queue.poll(pair.client.batch);
      pair.client.queue.arm();
      pair.client.connection.postReceive(
          1, pair.client.region.lkey(), pair.client.region.iova(), 8);
      started.countDown();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "127.0.0.1", "127.3.2.1", "::1", "0.0.0.0"})
  void shouldListenOnEveryNameOfThisMachine(String host) throws Exception {
    try (ShmFabric fabric = ShmFabric.open(ShmConfig.defaults())) {
      assertTrue(fabric.listen(new FabricAddress(host, 0)).address().port() > 0);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"192.0.2.1", "elsewhere.example", "2001:db8::1"})
  void shouldRefuseOtherMachines(String host) throws Exception {
    try (ShmFabric fabric = ShmFabric.open(ShmConfig.defaults())) {
      FabricException refused =
          Assertions.assertThrows(
              FabricException.class, () -> fabric.listen(new FabricAddress(host, 0)));
      assertNotNull(refused.getMessage());
      assertTrue(refused.getMessage().contains("not this machine"), refused.getMessage());
    }
  }

  @Test
  void shouldNameTheSettingWhenALimitIsReached() throws Exception {
    ShmConfig tiny = new ShmConfig(4, 1, 1, 1, 1, 1_000_000L, 1_000_000L, 0);
    try (ShmFabric fabric = ShmFabric.open(tiny)) {
      FabricMemory memory = fabric.allocateMemory(4096, "one");
      var domain = fabric.allocateProtectionDomain();
      for (int i = 0; i < 4; i++) {
        domain.register(memory, 0, 4096, 0, Access.ALL);
      }
      expectNamed("regionsMax", () -> domain.register(memory, 0, 4096, 0, Access.ALL));
      expectNamed("memoriesMax", () -> fabric.allocateMemory(4096, "two"));
      fabric.createCompletionQueue(1);
      expectNamed("completionQueuesMax", () -> fabric.createCompletionQueue(1));
    }
  }

  private static void expectNamed(String setting, Executable call) {
    FabricException refused = Assertions.assertThrows(FabricException.class, call);
    assertTrue(refused.getMessage().contains(setting), refused.getMessage());
  }
}
