package io.splitkernel.fabric.both;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.fabric.Access;
import io.splitkernel.fabric.CompletionBatch;
import io.splitkernel.fabric.CompletionQueue;
import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.FabricMemory;
import io.splitkernel.fabric.Listener;
import io.splitkernel.fabric.MemoryRegion;
import io.splitkernel.fabric.ProtectionDomain;
import io.splitkernel.fabric.UnreachableException;
import io.splitkernel.fabric.WorkRequest;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One server, a peer on its machine and a peer on another one, on one completion queue. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class BothTogetherTest {
  static final long TIMEOUT_NS = 30_000_000_000L;
  private static final FabricAddress ANYWHERE = new FabricAddress("localhost", 0);

  /** What an end needs. */
  private static final class End {
    final Fabric fabric;
    final ProtectionDomain domain;
    final CompletionQueue queue;
    final FabricMemory memory;
    final MemoryRegion region;
    Connection connection;

    End(Fabric fabric) throws FabricException {
      this.fabric = fabric;
      domain = fabric.allocateProtectionDomain();
      queue = fabric.createCompletionQueue(256);
      memory = fabric.allocateMemory(1 << 16, "together");
      region = domain.register(memory, 0, 1 << 16, 0x10000, Access.ALL);
    }

    ConnectionConfig config() {
      return new ConnectionConfig(domain, queue, queue, 64, 64, Access.ALL, TIMEOUT_NS);
    }

    long at(int offset) {
      return memory.segment().get(ValueLayout.JAVA_LONG, offset);
    }
  }

  private End server;
  private End local;
  private End remote;
  private Listener listener;

  /** The remote peer knows the far provider only. */
  protected Fabric[] openFabrics() throws Exception {
    return new Fabric[] {
      BothPairs.open(true), BothPairs.open(true), new io.splitkernel.fabric.shm.FarShmFabric()
    };
  }

  @BeforeEach
  void open() throws Exception {
    Fabric[] fabrics = openFabrics();
    server = new End(fabrics[0]);
    local = new End(fabrics[1]);
    remote = new End(fabrics[2]);
    listener = server.fabric.listen(ANYWHERE);
  }

  @AfterEach
  void close() {
    if (server != null) {
      remote.fabric.close();
      local.fabric.close();
      server.fabric.close();
    }
  }

  /** Connects a peer; what the server has got. */
  private Connection connect(End peer) throws Exception {
    CompletableFuture<Connection> accepted =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return listener.accept(TIMEOUT_NS).accept(server.config());
              } catch (FabricException e) {
                throw new AssertionError(e);
              }
            },
            task -> Thread.ofPlatform().daemon().start(task));
    peer.connection =
        peer.fabric.connect(listener.address(), peer.config(), new byte[0], TIMEOUT_NS);
    return accepted.get(30, TimeUnit.SECONDS);
  }

  private static void await(CompletionQueue queue, CompletionBatch batch) {
    while (queue.poll(batch) == 0) {
      assertTrue(queue.await(TIMEOUT_NS));
    }
  }

  @Test
  void shouldServeALocalAndARemotePeerWithOneQueue() throws Exception {
    Connection near = connect(local);
    Connection far = connect(remote);
    assertEquals(local.connection.provider(), "shm");
    assertTrue(BothFabric.isNear(near));
    assertFalse(BothFabric.isNear(far));
    near.postReceive(1, server.region.lkeyOn(near), 0x10000, 8);
    far.postReceive(2, server.region.lkeyOn(far), 0x10008, 8);
    send(local, 17);
    send(remote, 18);
    CompletionBatch batch = new CompletionBatch(1);
    long seen = 0;
    for (int i = 0; i < 2; i++) {
      await(server.queue, batch);
      assertEquals(CompletionStatus.SUCCESS, batch.status(0));
      Connection from = batch.wrId(0) == 1 ? near : far;
      assertEquals(from.number(), batch.connectionNumber(0));
      seen |= batch.wrId(0);
    }
    assertEquals(3, seen);
    assertEquals(17, server.at(0));
    assertEquals(18, server.at(8));
  }

  private static void send(End peer, long value) throws FabricException {
    peer.memory.segment().set(ValueLayout.JAVA_LONG, 0, value);
    int lkey = peer.region.lkeyOn(peer.connection);
    peer.connection.post(new WorkRequest().send(9).local(lkey, 0x10000, 8));
    CompletionBatch batch = new CompletionBatch(1);
    await(peer.queue, batch);
    assertEquals(CompletionStatus.SUCCESS, batch.status(0));
  }

  @Test
  void shouldLetBothPeersReadTheSameBytesUntilTheRegionIsDeregistered() throws Exception {
    Connection near = connect(local);
    Connection far = connect(remote);
    MemoryRegion region = server.domain.register(server.memory, 4096, 4096, 0, Access.ALL);
    int nearKey = region.rkeyOn(near);
    int farKey = region.rkeyOn(far);
    assertEquals(region.rkey(), nearKey);
    server.memory.segment().set(ValueLayout.JAVA_LONG, 4096, 4711);
    assertEquals(CompletionStatus.SUCCESS, read(local, nearKey));
    assertEquals(CompletionStatus.SUCCESS, read(remote, farKey));
    assertEquals(4711, local.at(0));
    assertEquals(4711, remote.at(0));
    region.close();
    assertEquals(CompletionStatus.REMOTE_ACCESS_ERROR, read(local, nearKey));
    assertEquals(CompletionStatus.REMOTE_ACCESS_ERROR, read(remote, farKey));
  }

  private static CompletionStatus read(End peer, int rkey) throws FabricException {
    int lkey = peer.region.lkeyOn(peer.connection);
    peer.connection.post(new WorkRequest().read(1, 0, rkey).local(lkey, 0x10000, 8));
    CompletionBatch batch = new CompletionBatch(1);
    await(peer.queue, batch);
    return batch.status(0);
  }

  @Test
  void shouldWakeAThreadThatSleepsSinceBeforeTheFirstRemotePeerCame() throws Exception {
    connect(local);
    CompletableFuture<Boolean> woken = new CompletableFuture<>();
    CompletionBatch batch = new CompletionBatch(4);
    Thread sleeper =
        Thread.ofPlatform()
            .start(() -> {
              while (server.queue.poll(batch) == 0 && server.queue.await(TIMEOUT_NS)) {
                Thread.onSpinWait();
              }
              woken.complete(batch.count() == 1);
            });
    Connection far = connect(remote);
    far.postReceive(2, server.region.lkeyOn(far), 0x10008, 8);
    send(remote, 18);
    assertTrue(woken.get(30, TimeUnit.SECONDS));
    sleeper.join();
  }

  @Test
  void shouldNotLetABusyProviderKeepTheOtherWaiting() throws Exception {
    Connection near = connect(local);
    Connection far = connect(remote);
    for (int i = 0; i < 32; i++) {
      near.postReceive(100 + i, server.region.lkeyOn(near), 0x10000, 8);
    }
    far.postReceive(1, server.region.lkeyOn(far), 0x10008, 8);
    for (int i = 0; i < 32; i++) {
      send(local, i);
    }
    send(remote, 1);
    CompletionBatch batch = new CompletionBatch(1);
    int polls = 0;
    do {
      await(server.queue, batch);
      polls++;
    } while (batch.wrId(0) != 1);
    assertTrue(polls <= 4, polls + " polls");
  }

  @Test
  void shouldGoByTheOtherProviderWhenNothingListensOnThisMachine() throws Exception {
    End single = new End(remote.fabric);
    try (Listener farOnly = remote.fabric.listen(ANYWHERE)) {
      CompletableFuture<Connection> accepted =
          CompletableFuture.supplyAsync(() -> {
            try {
              return farOnly.accept(TIMEOUT_NS).accept(single.config());
            } catch (FabricException e) {
              throw new AssertionError(e);
            }
          });
      Connection connection =
          local.fabric.connect(farOnly.address(), local.config(), new byte[0], TIMEOUT_NS);
      assertFalse(BothFabric.isNear(connection));
      assertNotEquals(Connection.State.CLOSED, accepted.get(30, TimeUnit.SECONDS).state());
    }
  }

  @Test
  void shouldNameBothProvidersWhenNothingListensAtAll() throws Exception {
    listener.close();
    UnreachableException refused =
        assertThrows(
            UnreachableException.class,
            () ->
                local.fabric.connect(listener.address(), local.config(), new byte[0], TIMEOUT_NS));
    assertTrue(refused.getMessage().contains("neither by shm"), refused.getMessage());
  }

  @Test
  void shouldKeepTheQueueWhileEitherPeerFeedsIt() throws Exception {
    Connection near = connect(local);
    Connection far = connect(remote);
    assertThrows(IllegalStateException.class, server.queue::close);
    far.close();
    assertThrows(IllegalStateException.class, server.queue::close);
    near.close();
    server.queue.close();
  }
}
