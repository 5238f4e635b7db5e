package io.splitkernel.fabric.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.fabric.Access;
import io.splitkernel.fabric.ChildPeer;
import io.splitkernel.fabric.CompletionBatch;
import io.splitkernel.fabric.CompletionQueue;
import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricMemory;
import io.splitkernel.fabric.Listener;
import io.splitkernel.fabric.MemoryRegion;
import io.splitkernel.fabric.ProtectionDomain;
import io.splitkernel.fabric.WorkRequest;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The fabric between real processes, and what a killed one leaves behind. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ShmProcessesTest {
  private static final long TIMEOUT_NS = 30_000_000_000L;

  /** Never gives a peer up for being slow; a dead one it must notice. */
  private static final ShmConfig PATIENT =
      new ShmConfig(1 << 18, 1024, 1024, 4096, 128, TIMEOUT_NS, 3_600_000_000_000L, 0);

  private ShmFabric fabric;
  private ProtectionDomain domain;
  private CompletionQueue queue;
  private FabricMemory memory;
  private MemoryRegion region;
  private final WorkRequest request = new WorkRequest();
  private final CompletionBatch batch = new CompletionBatch(1);

  @BeforeEach
  void open() throws Exception {
    fabric = ShmFabric.open(PATIENT);
    domain = fabric.allocateProtectionDomain();
    queue = fabric.createCompletionQueue(1024);
    memory = fabric.allocateMemory(ShmPeer.MEMORY_BYTES, "test");
    region = domain.register(memory, 0, ShmPeer.MEMORY_BYTES, ShmPeer.IOVA, Access.ALL);
  }

  @AfterEach
  void close() {
    fabric.close();
  }

  private ConnectionConfig config(long retryTimeoutNs) {
    return new ConnectionConfig(domain, queue, queue, 64, 64, Access.ALL, retryTimeoutNs);
  }

  private CompletionStatus run(Connection connection, WorkRequest toRun) {
    assertEquals(Connection.POSTED, connection.post(toRun));
    return next();
  }

  private CompletionStatus next() {
    while (queue.poll(batch) == 0) {
      assertTrue(queue.await(TIMEOUT_NS), "no completion in time");
    }
    return batch.status(0);
  }

  @Test
  void shouldReadWriteAndTalkWithAnotherProcess() throws Exception {
    try (ChildPeer child = new ChildPeer(ShmPeer.class, "serve")) {
      String[] hello = child.line().split(" ", -1);
      int key = Integer.parseInt(hello[1]);
      Connection connection = connectTo(hello[0]);
      CompletionStatus status =
          run(
              connection,
              request.read(1, ShmPeer.IOVA + 4096, key).local(region.lkey(), ShmPeer.IOVA, 8));
      assertEquals(CompletionStatus.SUCCESS, status);
      assertEquals(child.pid(), memory.segment().get(ValueLayout.JAVA_LONG, 0));
      connection.postReceive(5, region.lkey(), ShmPeer.IOVA + 64, 64);
      memory.segment().set(ValueLayout.JAVA_LONG, 128, 0x1122334455667788L);
      connection.post(request.send(1).local(region.lkey(), ShmPeer.IOVA + 128, 8).unsignalled());
      assertEquals(CompletionStatus.SUCCESS, next());
      assertEquals(5, batch.wrId(0));
      assertEquals(0x1122334455667788L, memory.segment().get(ValueLayout.JAVA_LONG, 64));
    }
  }

  private Connection connectTo(String port) throws Exception {
    FabricAddress address = new FabricAddress("127.0.0.1", Integer.parseInt(port));
    return fabric.connect(address, config(TIMEOUT_NS), new byte[0], TIMEOUT_NS);
  }

  @Test
  void shouldHoldNothingOfAKilledPeer() throws Exception {
    long before = held();
    try (ChildPeer child = new ChildPeer(ShmPeer.class, "serve")) {
      String[] hello = child.line().split(" ", -1);
      Connection connection = connectTo(hello[0]);
      int key = Integer.parseInt(hello[1]);
      WorkRequest read =
          request.read(1, ShmPeer.IOVA, key).local(region.lkey(), ShmPeer.IOVA, 4096);
      assertEquals(CompletionStatus.SUCCESS, run(connection, read));
      assertTrue(held() > before);
      CountDownLatch gone = new CountDownLatch(1);
      connection.onDisconnect(gone::countDown);
      child.kill();
      assertTrue(gone.await(30, TimeUnit.SECONDS));
      assertEquals(Connection.State.ERROR, connection.state());
      assertEquals(CompletionStatus.RETRY_EXCEEDED, run(connection, read));
      assertEquals(CompletionStatus.FLUSHED, run(connection, read));
      connection.close();
    }
    assertEquals(before, held());
  }

  private static long held() throws Exception {
    return ProcessResources.descriptors() + ProcessResources.sharedMappings();
  }

  @Test
  void shouldLoseNoAdditionOfTwoProcesses() throws Exception {
    try (Listener listener = fabric.listen(new FabricAddress("localhost", 0))) {
      int times = 100_000;
      int port = listener.address().port();
      try (ChildPeer first = new ChildPeer(ShmPeer.class, "add", port, region.rkey(), times);
          ChildPeer second = new ChildPeer(ShmPeer.class, "add", port, region.rkey(), times)) {
        listener.accept(TIMEOUT_NS).accept(config(TIMEOUT_NS));
        listener.accept(TIMEOUT_NS).accept(config(TIMEOUT_NS));
        assertEquals("done", first.line());
        assertEquals("done", second.line());
      }
      assertEquals(2L * times, memory.segment().get(ValueLayout.JAVA_LONG, 0));
    }
  }

  @Test
  void shouldDeregisterPromptlyWhenReaderIsKilledInMidRead() throws Exception {
    try (Listener listener = fabric.listen(new FabricAddress("localhost", 0))) {
      for (int round = 0; round < 3; round++) {
        long before = held();
        MemoryRegion target =
            domain.register(memory, 0, ShmPeer.MEMORY_BYTES, ShmPeer.IOVA, Access.ALL);
        try (ChildPeer child =
            new ChildPeer(
                ShmPeer.class, "read", listener.address().port(), target.rkey(), 8 << 20)) {
          Connection connection = listener.accept(TIMEOUT_NS).accept(config(TIMEOUT_NS));
          assertEquals("reading", child.line());
          child.kill();
          target.close(); // does not return in time when it waits for a dead reader
          connection.close();
        }
        assertEquals(before, held());
      }
    }
  }

  @Test
  void shouldRefuseReaderOfDeregisteredRegionWhileItReads() throws Exception {
    try (Listener listener = fabric.listen(new FabricAddress("localhost", 0))) {
      try (ChildPeer child =
          new ChildPeer(ShmPeer.class, "read", listener.address().port(), region.rkey(), 8 << 20)) {
        Connection connection = listener.accept(TIMEOUT_NS).accept(config(TIMEOUT_NS));
        assertEquals("reading", child.line());
        region.close();
        assertEquals("READ ended with REMOTE_ACCESS_ERROR", child.line());
        Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> connection.state() == Connection.State.ERROR);
      }
    }
  }

  @Test
  void shouldGoOnOneSidedlyWhenPeerIsStopped() throws Exception {
    try (ChildPeer child = new ChildPeer(ShmPeer.class, "serve")) {
      String[] hello = child.line().split(" ", -1);
      int key = Integer.parseInt(hello[1]);
      Connection connection = connectTo(hello[0]);
      WorkRequest read =
          request.read(1, ShmPeer.IOVA + 4096, key).local(region.lkey(), ShmPeer.IOVA, 8);
      assertEquals(CompletionStatus.SUCCESS, run(connection, read));
      child.signal("STOP");
      for (int i = 0; i < 1000; i++) {
        assertEquals(CompletionStatus.SUCCESS, run(connection, read));
      }
      child.signal("CONT");
      assertEquals(CompletionStatus.SUCCESS, run(connection, read));
    }
  }
}
