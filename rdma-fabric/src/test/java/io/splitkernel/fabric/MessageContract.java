package io.splitkernel.fabric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.splitkernel.fabric.FabricPair.Completion;
import io.splitkernel.fabric.FabricPair.Options;
import io.splitkernel.ffi.FileDescriptor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SEND, receives, immediates, and completion queues. */
abstract class MessageContract extends OneSidedContract {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8, 4096, MIB})
  void shouldDeliverMessageIntoPostedReceive(int length) {
    postReceive(1, 4096, MIB);
    fill(client.memory.segment(), 0, length, 4);
    post(sendRequest(2, length));
    Completion received = expect(server, CompletionStatus.SUCCESS);
    assertEquals(1, received.wrId());
    assertEquals(Opcode.RECEIVE, received.opcode());
    assertEquals(length, received.length());
    assertEquals(server.connection.number(), received.connection());
    expectFilled(server.memory.segment(), 4096, length, 4);
    Completion sent = expect(client, CompletionStatus.SUCCESS);
    assertEquals(2, sent.wrId());
    assertEquals(Opcode.SEND, sent.opcode());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8, 4096, MIB})
  void shouldHandOverImmediateAfterTheBytesAreThere(int length) {
    assertEquals(Connection.POSTED, server.connection.postReceive(1, 0, 0, 0));
    fill(client.memory.segment(), 0, length, 6);
    post(immediateRequest(2, 100, length, 0xCAFEBABE));
    Completion received = expect(server, CompletionStatus.SUCCESS);
    assertEquals(Opcode.RECEIVE_WITH_IMMEDIATE, received.opcode());
    assertEquals(0xCAFEBABE, received.immediate());
    assertEquals(length, received.length());
    expectFilled(server.memory.segment(), 100, length, 6);
    assertEquals(Opcode.WRITE_WITH_IMMEDIATE, expect(client, CompletionStatus.SUCCESS).opcode());
  }

  @Test
  void shouldDeliverBothWaysInOrder() {
    for (int i = 0; i < 32; i++) {
      postReceive(i, i * 64L, 64);
      assertEquals(
          Connection.POSTED,
          client.connection.postReceive(
              i, lkey(client), client.region.iova() + 65536 + i * 64L, 64));
    }
    for (int i = 0; i < 32; i++) {
      client.memory.segment().set(ValueLayout.JAVA_INT, i * 4L, i);
      post(
          request
              .send(100 + i)
              .local(lkey(client), client.region.iova() + i * 4L, 4)
              .unsignalled());
      server.memory.segment().set(ValueLayout.JAVA_INT, 65536 + i * 4L, 1000 + i);
      assertEquals(
          Connection.POSTED,
          server.connection.post(
              request
                  .send(i)
                  .local(lkey(server), server.region.iova() + 65536 + i * 4L, 4)
                  .unsignalled()));
    }
    Completion[] atServer = server.await(32);
    Completion[] atClient = client.await(32);
    for (int i = 0; i < 32; i++) {
      assertEquals(i, atServer[i].wrId());
      assertEquals(i, atClient[i].wrId());
      assertEquals(i, server.memory.segment().get(ValueLayout.JAVA_INT, i * 64L));
      assertEquals(1000 + i, client.memory.segment().get(ValueLayout.JAVA_INT, 65536 + i * 64L));
    }
  }

  @Test
  void shouldDeliverAllInOrderWhenReceivesArePostedLate() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment own = arena.allocate(8);
      for (int i = 0; i < 30; i++) {
        own.set(ValueLayout.JAVA_LONG, 0, i);
        post(request.send(i).local(0, own.address(), 8).inline());
      }
    }
    post(writeRequest(99, 8192, 8));
    expectNothing(client);
    for (int i = 0; i < 30; i++) {
      postReceive(i, i * 8L, 8);
    }
    Completion[] received = server.await(30);
    Completion[] sent = client.await(31);
    for (int i = 0; i < 30; i++) {
      assertEquals(i, received[i].wrId());
      assertEquals(i, sent[i].wrId());
      assertEquals(i, server.memory.segment().get(ValueLayout.JAVA_LONG, i * 8L));
    }
    assertEquals(99, sent[30].wrId());
  }

  @Test
  void shouldShowEarlierWritesWhenMessageArrives() {
    for (int round = 1; round <= 50; round++) {
      postReceive(round, 0, 8);
      client.memory.segment().set(ValueLayout.JAVA_LONG, 0, round);
      post(writeRequest(1, 4096, 8).unsignalled());
      post(sendRequest(2, 8));
      expect(server, CompletionStatus.SUCCESS);
      assertEquals(round, server.memory.segment().get(ValueLayout.JAVA_LONG, 4096));
      expect(client, CompletionStatus.SUCCESS);
    }
  }

  @Test
  void shouldWakeWaitingReceiverWhenMessageArrives() throws Exception {
    postReceive(1, 0, 64);
    CompletableFuture<Boolean> waiter =
        CompletableFuture.supplyAsync(() -> server.queue.await(FabricPair.TIMEOUT_NS));
    assertFalse(client.queue.await(20_000_000L));
    assertFalse(waiter.isDone());
    post(sendRequest(1, 8));
    assertTrue(waiter.get(30, TimeUnit.SECONDS));
    expect(server, CompletionStatus.SUCCESS);
  }

  @Test
  void shouldReturnFromAwaitWithoutCompletionOnlyAfterTheTime() {
    long start = System.nanoTime();
    assertFalse(client.queue.await(30_000_000L));
    assertTrue(System.nanoTime() - start >= 30_000_000L);
    post(writeRequest(1, 0, 8));
    assertTrue(client.queue.await(FabricPair.TIMEOUT_NS));
    assertEquals(1, client.queue.poll(client.batch));
  }

  @Test
  void shouldRefuseToArmWhenCompletionsAreThere() {
    assertTrue(client.queue.arm());
    post(writeRequest(1, 0, 8));
    client.awaitOne();
    post(writeRequest(2, 0, 8));
    assertTrue(client.queue.await(FabricPair.TIMEOUT_NS));
    assertFalse(client.queue.arm());
    client.awaitOne();
    assertTrue(client.queue.arm());
  }

  @Test
  void shouldMakeEventDescriptorReadableWhenArmedAndMessageArrives() {
    int descriptor = server.queue.eventDescriptor();
    assumeTrue(descriptor >= 0, "the provider has no event descriptor");
    postReceive(1, 0, 64);
    postReceive(2, 0, 64);
    assertTrue(server.queue.arm());
    assertEquals(0, FileDescriptor.awaitReadable(descriptor, 1_000_000L));
    post(sendRequest(1, 8));
    assertEquals(1, FileDescriptor.awaitReadable(descriptor, FabricPair.TIMEOUT_NS));
    assertFalse(server.queue.arm());
    expect(server, CompletionStatus.SUCCESS);
    assertTrue(server.queue.arm());
    assertEquals(0, FileDescriptor.awaitReadable(descriptor, 1_000_000L));
    post(sendRequest(2, 8));
    assertEquals(1, FileDescriptor.awaitReadable(descriptor, FabricPair.TIMEOUT_NS));
    expect(server, CompletionStatus.SUCCESS);
  }

  @Test
  void shouldSignalOnceForEachTimeItIsArmedAndNotAtAllAfterAnAcknowledgement() {
    int descriptor = server.queue.eventDescriptor();
    assumeTrue(descriptor >= 0, "the provider has no event descriptor");
    postReceive(1, 0, 64);
    postReceive(2, 0, 64);
    assertTrue(server.queue.arm());
    post(sendRequest(1, 8));
    assertEquals(1, FileDescriptor.awaitReadable(descriptor, FabricPair.TIMEOUT_NS));
    server.queue.acknowledge();
    pollOnly(server);
    assertEquals(0, FileDescriptor.awaitReadable(descriptor, 1_000_000L));
    post(sendRequest(2, 8));
    pollOnly(server);
    assertEquals(0, FileDescriptor.awaitReadable(descriptor, 1_000_000L));
  }

  /** Waiting would arm. */
  private static void pollOnly(FabricPair.End end) {
    Awaitility.await()
        .pollInterval(Duration.ofMillis(1))
        .atMost(Duration.ofSeconds(30))
        .until(() -> end.queue.poll(end.batch) == 1);
    assertEquals(CompletionStatus.SUCCESS, end.batch.status(0));
  }

  @Test
  void shouldMakeEventDescriptorReadableWhenArmedAndConnectionBreaks() {
    int descriptor = server.queue.eventDescriptor();
    assumeTrue(descriptor >= 0, "the provider has no event descriptor");
    postReceive(1, 0, 64);
    assertTrue(server.queue.arm());
    client.connection.close();
    assertEquals(1, FileDescriptor.awaitReadable(descriptor, FabricPair.TIMEOUT_NS));
    expect(server, CompletionStatus.FLUSHED);
  }

  @Test
  void shouldPollNoMoreThanTheBatchHolds() {
    for (int i = 0; i < 10; i++) {
      post(writeRequest(i, 0, 8));
    }
    client.await(3);
    CompletionBatch four = new CompletionBatch(4);
    assertTrue(client.queue.await(FabricPair.TIMEOUT_NS));
    int polled = client.queue.poll(four);
    assertTrue(polled >= 1 && polled <= 4);
    assertEquals(3, four.wrId(0));
    client.await(7 - polled);
  }

  @Test
  void shouldReportQueueFullUntilCompletionsArePolled() throws Exception {
    open(Options.defaults().depths(4, 4));
    for (int i = 0; i < 4; i++) {
      post(writeRequest(i, 0, 8));
    }
    assertEquals(Connection.QUEUE_FULL, client.connection.post(writeRequest(9, 0, 8)));
    assertEquals(0, client.connection.post(new WorkRequest[] {request}, 1));
    client.awaitOne();
    post(writeRequest(4, 0, 8));
    for (int i = 1; i <= 4; i++) {
      assertEquals(i, expect(client, CompletionStatus.SUCCESS).wrId());
    }
  }

  @Test
  void shouldHoldSlotsOfUnsignalledRequestsUntilALaterCompletion() throws Exception {
    open(Options.defaults().depths(4, 4));
    for (int i = 0; i < 3; i++) {
      post(writeRequest(i, 0, 8).unsignalled());
    }
    post(writeRequest(3, 0, 8));
    assertEquals(Connection.QUEUE_FULL, client.connection.post(writeRequest(9, 0, 8)));
    assertEquals(3, client.awaitOne().wrId());
    for (int i = 0; i < 4; i++) {
      post(writeRequest(i, 0, 8));
    }
    client.await(4);
  }

  @Test
  void shouldReportQueueFullWhenReceivesAreOutstanding() throws Exception {
    open(Options.defaults().depths(4, 4));
    for (int i = 0; i < 4; i++) {
      postReceive(i, 0, 8);
    }
    assertEquals(
        Connection.QUEUE_FULL,
        server.connection.postReceive(9, lkey(server), server.region.iova(), 8));
    post(sendRequest(1, 8));
    server.awaitOne();
    postReceive(4, 0, 8);
  }

  @Test
  void shouldServeSeveralConnectionsWithOneQueue() throws Exception {
    Connection[] second = FabricPair.connect(client, server, Options.defaults());
    postReceive(1, 0, 8);
    second[1].postReceive(2, lkey(server), server.region.iova(), 8);
    post(sendRequest(10, 8));
    assertEquals(Connection.POSTED, second[0].post(sendRequest(20, 8)));
    Completion[] received = server.await(2);
    long numbers = received[0].connection() + (long) received[1].connection();
    assertEquals(server.connection.number() + (long) second[1].number(), numbers);
    for (Completion one : received) {
      assertEquals(
          one.wrId() == 1 ? server.connection.number() : second[1].number(), one.connection());
    }
    client.await(2);
  }
}
