package io.splitkernel.fabric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.splitkernel.fabric.FabricPair.Completion;
import io.splitkernel.fabric.FabricPair.Options;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** READ, WRITE and atomics. */
abstract class OneSidedContract extends ContractFixture {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8, 4096, MIB})
  void shouldReadRemoteBytesWhenPeerDoesNothing(int length) {
    fill(server.memory.segment(), 4097, length, 3);
    post(readRequest(7, 4097, length));
    Completion done = expect(client, CompletionStatus.SUCCESS);
    assertEquals(7, done.wrId());
    assertEquals(Opcode.READ, done.opcode());
    assertEquals(length, done.length());
    assertEquals(client.connection.number(), done.connection());
    expectFilled(client.memory.segment(), 0, length, 3);
    assertEquals(0, client.memory.segment().get(ValueLayout.JAVA_BYTE, length));
    expectNothing(server);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8, 4096, MIB})
  void shouldWriteRemoteBytesWhenPeerDoesNothing(int length) {
    fill(client.memory.segment(), 0, length, 5);
    post(writeRequest(8, 63, length));
    Completion done = expect(client, CompletionStatus.SUCCESS);
    assertEquals(8, done.wrId());
    assertEquals(Opcode.WRITE, done.opcode());
    expectFilled(server.memory.segment(), 63, length, 5);
    assertEquals(0, server.memory.segment().get(ValueLayout.JAVA_BYTE, 62));
    assertEquals(0, server.memory.segment().get(ValueLayout.JAVA_BYTE, 63 + length));
    expectNothing(server);
  }

  @Test
  void shouldScatterReadOverAllBuffers() {
    fill(server.memory.segment(), 0, 16 * 17, 9);
    request.read(1, server.region.iova(), rkey(server.region));
    for (int i = 0; i < WorkRequest.SCATTER_MAX; i++) {
      request.local(lkey(client), client.region.iova() + i * 1000L, 17);
    }
    post(request);
    assertEquals(16 * 17, expect(client, CompletionStatus.SUCCESS).length());
    for (int i = 0; i < WorkRequest.SCATTER_MAX; i++) {
      MemorySegment expected = server.memory.segment().asSlice(i * 17L, 17);
      MemorySegment found = client.memory.segment().asSlice(i * 1000L, 17);
      assertEquals(-1, expected.mismatch(found), "buffer " + i);
    }
  }

  @Test
  void shouldGatherWriteFromBuffersOfSeveralRegions() throws Exception {
    MemoryRegion second =
        client.domain.register(client.memory, 8192, 4096, 0x7_0000_0000L, Access.LOCAL_WRITE);
    fill(client.memory.segment(), 0, 100, 1);
    fill(client.memory.segment(), 8192, 50, 2);
    post(
        request
            .write(1, server.region.iova(), rkey(server.region))
            .local(lkey(client), client.region.iova(), 100)
            .local(lkey(client), client.region.iova(), 0)
            .local(lkey(client, second), second.iova(), 50));
    expect(client, CompletionStatus.SUCCESS);
    expectFilled(server.memory.segment(), 0, 100, 1);
    expectFilled(server.memory.segment(), 100, 50, 2);
  }

  @Test
  void shouldCopyInlinePayloadWhilePosting() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment own = arena.allocateFrom(ValueLayout.JAVA_LONG, 77);
      post(
          request
              .write(1, server.region.iova(), rkey(server.region))
              .local(0, own.address(), 8)
              .inline());
      own.set(ValueLayout.JAVA_LONG, 0, 78);
    }
    expect(client, CompletionStatus.SUCCESS);
    assertEquals(77, server.memory.segment().get(ValueLayout.JAVA_LONG, 0));
  }

  @Test
  void shouldCompleteOnlyTheLastOfUnsignalledWrites() {
    for (int i = 0; i < 10; i++) {
      client.memory.segment().set(ValueLayout.JAVA_LONG, i * 8L, i + 1);
      post(
          request
              .write(i, server.region.iova() + i * 8L, rkey(server.region))
              .local(lkey(client), client.region.iova() + i * 8L, 8)
              .unsignalled());
    }
    post(readRequest(99, 0, 80));
    assertEquals(99, expect(client, CompletionStatus.SUCCESS).wrId());
    expectNothing(client);
    for (int i = 0; i < 10; i++) {
      assertEquals(i + 1, client.memory.segment().get(ValueLayout.JAVA_LONG, i * 8L));
    }
  }

  @Test
  void shouldSwapOnlyWhenExpectedValueIsThere() {
    server.memory.segment().set(ValueLayout.JAVA_LONG, 16, 5);
    long at = server.region.iova() + 16;
    post(
        request
            .compareAndSwap(1, at, rkey(server.region), 4, 9)
            .local(lkey(client), client.region.iova(), 8));
    assertEquals(Opcode.COMPARE_AND_SWAP, expect(client, CompletionStatus.SUCCESS).opcode());
    assertEquals(5, client.memory.segment().get(ValueLayout.JAVA_LONG, 0));
    assertEquals(5, server.memory.segment().get(ValueLayout.JAVA_LONG, 16));
    post(
        request
            .compareAndSwap(2, at, rkey(server.region), 5, 9)
            .local(lkey(client), client.region.iova(), 8));
    expect(client, CompletionStatus.SUCCESS);
    assertEquals(5, client.memory.segment().get(ValueLayout.JAVA_LONG, 0));
    assertEquals(9, server.memory.segment().get(ValueLayout.JAVA_LONG, 16));
  }

  @Test
  void shouldReturnOldValueOfFetchAndAdd() {
    server.memory.segment().set(ValueLayout.JAVA_LONG, 8, Long.MAX_VALUE);
    post(
        request
            .fetchAndAdd(1, server.region.iova() + 8, rkey(server.region), 2)
            .local(lkey(client), client.region.iova(), 8));
    assertEquals(Opcode.FETCH_AND_ADD, expect(client, CompletionStatus.SUCCESS).opcode());
    assertEquals(Long.MAX_VALUE, client.memory.segment().get(ValueLayout.JAVA_LONG, 0));
    assertEquals(Long.MIN_VALUE + 1, server.memory.segment().get(ValueLayout.JAVA_LONG, 8));
  }

  /** How often each of two connections adds; fewer where each takes long. */
  protected int additions() {
    return 20_000;
  }

  @Test
  void shouldLoseNoAdditionWhenTwoConnectionsContend() throws Exception {
    int each = additions();
    CompletionQueue secondQueue = client.fabric.createCompletionQueue(256);
    Connection[] second =
        FabricPair.connect(client.domain, secondQueue, client.fabric, server, Options.defaults());
    CompletableFuture<Void> other =
        CompletableFuture.runAsync(() -> addOften(second[0], secondQueue, 8, each));
    addOften(client.connection, client.queue, 0, each);
    other.get(30, TimeUnit.SECONDS);
    assertEquals(2L * each, server.memory.segment().get(ValueLayout.JAVA_LONG, 0));
  }

  private void addOften(Connection connection, CompletionQueue queue, long scratch, int times) {
    WorkRequest add = new WorkRequest();
    CompletionBatch batch = new CompletionBatch(1);
    for (int i = 0; i < times; i++) {
      add.fetchAndAdd(i, server.region.iova(), rkey(server.region), 1)
          .local(lkey(client), client.region.iova() + scratch, 8);
      assertEquals(Connection.POSTED, connection.post(add));
      while (queue.poll(batch) == 0) {
        queue.await(1_000_000_000L);
      }
      assertEquals(CompletionStatus.SUCCESS, batch.status(0));
    }
  }

  @Test
  void shouldCompleteInPostingOrder() {
    for (int i = 0; i < 60; i++) {
      post(i % 2 == 0 ? writeRequest(i, i * 64L, 64) : readRequest(i, i * 64L, 64));
    }
    Completion[] done = client.await(60);
    for (int i = 0; i < 60; i++) {
      assertEquals(i, done[i].wrId());
      assertEquals(CompletionStatus.SUCCESS, done[i].status());
    }
  }

  @Test
  void shouldReadWhatAnEarlierWriteOfTheConnectionWrote() {
    for (int round = 1; round <= 20; round++) {
      client.memory.segment().set(ValueLayout.JAVA_LONG, 0, round);
      post(writeRequest(1, 0, 8).unsignalled());
      post(
          request
              .read(2, server.region.iova(), rkey(server.region))
              .local(lkey(client), client.region.iova() + 8, 8));
      expect(client, CompletionStatus.SUCCESS);
      assertEquals(round, client.memory.segment().get(ValueLayout.JAVA_LONG, 8));
    }
  }

  @Test
  void shouldTranslateChosenIova() throws Exception {
    long iova = 0x5555_5555_5000L;
    MemoryRegion region = server.domain.register(server.memory, 4096, 8192, iova, Access.ALL);
    server.memory.segment().set(ValueLayout.JAVA_LONG, 4096 + 8184, 4711);
    post(request.read(1, iova + 8184, rkey(region)).local(lkey(client), client.region.iova(), 8));
    expect(client, CompletionStatus.SUCCESS);
    assertEquals(4711, client.memory.segment().get(ValueLayout.JAVA_LONG, 0));
    assertNotEquals(rkey(server.region), rkey(region));
  }

  @Test
  void shouldReachMemoryThatWasAllocatedAfterConnecting() throws Exception {
    long length = largeBytes();
    FabricMemory large = server.fabric.allocateMemory(length, "large");
    MemoryRegion region = server.domain.register(large, 0, length, 0x1000, Access.ALL);
    long far = length - (1L << 20) + 123;
    client.memory.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) 99);
    post(request.write(1, 0x1000 + far, rkey(region)).local(lkey(client), client.region.iova(), 1));
    expect(client, CompletionStatus.SUCCESS);
    assertEquals(99, large.segment().get(ValueLayout.JAVA_BYTE, far));
    region.close();
    large.close();
  }

  @Test
  void shouldPostChainUntilTheQueueIsFull() throws Exception {
    open(Options.defaults().depths(8, 8));
    WorkRequest[] chain = new WorkRequest[12];
    for (int i = 0; i < chain.length; i++) {
      chain[i] = new WorkRequest().copyFrom(writeRequest(i, 0, 8));
    }
    assertEquals(8, client.connection.post(chain, chain.length));
    assertEquals(7, client.await(8)[7].wrId());
  }
}
