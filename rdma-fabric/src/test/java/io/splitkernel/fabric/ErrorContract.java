package io.splitkernel.fabric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.fabric.Connection.State;
import io.splitkernel.fabric.FabricPair.Completion;
import io.splitkernel.fabric.FabricPair.Options;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong, by verbs' statuses, and which ends it takes down. */
abstract class ErrorContract extends MessageContract {
  private static final long SHORT_NS = 100_000_000L;

  private void expectBothInError(CompletionStatus status) {
    expect(client, status);
    expectBothInError();
  }

  private void expectBothInError() {
    expectState(client, State.ERROR);
    expectState(server, State.ERROR);
    assertNotNull(client.connection.errorReason());
    assertNotNull(server.connection.errorReason());
    expectFlushing();
  }

  private void postTo(Opcode opcode, long address, int rkey) {
    WorkRequest to =
        switch (opcode) {
          case READ -> request.read(5, address, rkey);
          case WRITE -> request.write(5, address, rkey);
          case WRITE_WITH_IMMEDIATE -> request.writeWithImmediate(5, address, rkey, 1);
          case COMPARE_AND_SWAP -> request.compareAndSwap(5, address, rkey, 0, 1);
          case FETCH_AND_ADD -> request.fetchAndAdd(5, address, rkey, 1);
          default -> throw new AssertionError(opcode);
        };
    post(to.local(lkey(client), client.region.iova(), 8));
  }

  @ParameterizedTest
  @EnumSource(
      value = Opcode.class,
      names = {"READ", "WRITE", "COMPARE_AND_SWAP", "FETCH_AND_ADD"})
  void shouldBreakBothEndsWhenKeyIsWrong(Opcode opcode) {
    postTo(opcode, server.region.iova(), rkey(server.region) + 1);
    expectBothInError(CompletionStatus.REMOTE_ACCESS_ERROR);
    assertEquals(0, server.memory.segment().get(ValueLayout.JAVA_LONG, 0));
  }

  @Test
  void shouldBreakBothEndsWhenImmediateWriteHasWrongKey() {
    postReceive(1, 0, 8);
    postTo(Opcode.WRITE_WITH_IMMEDIATE, server.region.iova(), 0);
    expectBothInError(CompletionStatus.REMOTE_ACCESS_ERROR);
    assertEquals(1, expect(server, CompletionStatus.FLUSHED).wrId());
  }

  @ParameterizedTest
  @CsvSource({"-8,8", "-1,8", "4194300,8", "4194304,1", "9223372036854775800,8"})
  void shouldBreakBothEndsWhenRangeIsOutOfBounds(long offset, int length) {
    post(readRequest(1, offset, length));
    expectBothInError(CompletionStatus.REMOTE_ACCESS_ERROR);
  }

  @ParameterizedTest
  @EnumSource(
      value = Opcode.class,
      names = {"READ", "WRITE", "COMPARE_AND_SWAP", "FETCH_AND_ADD"})
  void shouldBreakBothEndsWhenRegionLacksTheRight(Opcode opcode) throws Exception {
    int missing =
        switch (opcode) {
          case READ -> Access.REMOTE_READ;
          case WRITE -> Access.REMOTE_WRITE;
          default -> Access.REMOTE_ATOMIC;
        };
    MemoryRegion region = server.domain.register(server.memory, 0, 4096, 0, Access.ALL & ~missing);
    postTo(opcode, 8, rkey(region));
    expectBothInError(CompletionStatus.REMOTE_ACCESS_ERROR);
  }

  @Test
  void shouldBreakBothEndsWhenRegionIsOfAnotherDomain() throws Exception {
    ProtectionDomain other = server.fabric.allocateProtectionDomain();
    MemoryRegion region = other.register(server.memory, 0, 4096, 0, Access.ALL);
    postTo(Opcode.READ, 0, rkey(region));
    expectBothInError(CompletionStatus.REMOTE_ACCESS_ERROR);
  }

  @Test
  void shouldBreakBothEndsWhenRegionIsDeregistered() throws Exception {
    MemoryRegion region = server.domain.register(server.memory, 0, 4096, 0, Access.ALL);
    postTo(Opcode.READ, 0, rkey(region));
    expect(client, CompletionStatus.SUCCESS);
    region.close();
    region.close();
    MemoryRegion next = server.domain.register(server.memory, 0, 4096, 0, Access.ALL);
    postTo(Opcode.READ, 0, rkey(region));
    expectBothInError(CompletionStatus.REMOTE_ACCESS_ERROR);
    next.close();
  }

  @ParameterizedTest
  @EnumSource(
      value = Opcode.class,
      names = {"READ", "WRITE", "COMPARE_AND_SWAP", "FETCH_AND_ADD"})
  void shouldBreakBothEndsWhenConnectionAllowsNoRemoteAccess(Opcode opcode) throws Exception {
    open(Options.defaults().remoteAccess(0));
    postTo(opcode, server.region.iova(), rkey(server.region));
    expectBothInError(CompletionStatus.REMOTE_INVALID_REQUEST);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void shouldBreakOnlyTheInitiatorWhenLocalBufferIsBad(int kind) throws Exception {
    open(Options.defaults().retryTimeoutNs(SHORT_NS));
    int readOnly = lkey(client, client.domain.register(client.memory, 0, 4096, 0, 0));
    request.read(1, server.region.iova(), rkey(server.region));
    switch (kind) {
      case 0 -> request.local(lkey(client) + 99, client.region.iova(), 8);
      case 1 -> request.local(lkey(client), client.region.iova() + MEMORY_BYTES - 4, 8);
      case 2 -> request.local(readOnly, 0, 8);
      default ->
          request
              .write(1, server.region.iova(), rkey(server.region))
              .local(0, client.region.iova(), 8);
    }
    post(request);
    // SoftRoCE flushes a write that it cannot read locally, and says no more than that
    expectOneOf(
        client, CompletionStatus.LOCAL_PROTECTION_ERROR, CompletionStatus.LOCAL_QP_OPERATION_ERROR);
    expectState(client, State.ERROR);
    expectFlushing();
    assertEquals(State.CONNECTED, server.connection.state());
    server.connection.post(request.send(3).local(lkey(server), server.region.iova(), 8));
    expect(server, CompletionStatus.RETRY_EXCEEDED);
    expectState(server, State.ERROR);
  }

  @Test
  void shouldBreakBothEndsWhenMessageIsLongerThanReceive() {
    postReceive(1, 0, 7);
    postReceive(2, 0, 7);
    post(sendRequest(3, 8));
    // the second statuses are SoftRoCE's
    expectOneOf(
        client, CompletionStatus.REMOTE_INVALID_REQUEST, CompletionStatus.REMOTE_OPERATION_ERROR);
    expectBothInError();
    Completion first =
        expectOneOf(
            server, CompletionStatus.LOCAL_LENGTH_ERROR, CompletionStatus.LOCAL_QP_OPERATION_ERROR);
    assertEquals(1, first.wrId());
    assertEquals(2, expect(server, CompletionStatus.FLUSHED).wrId());
  }

  @Test
  void shouldBreakBothEndsWhenReceiveBufferIsBad() throws Exception {
    MemoryRegion readOnly = server.domain.register(server.memory, 0, 4096, 0, Access.REMOTE_READ);
    server.connection.postReceive(1, lkey(server, readOnly), 0, 64);
    post(sendRequest(3, 8));
    expectBothInError(CompletionStatus.REMOTE_OPERATION_ERROR);
    // the second status is SoftRoCE's
    Completion first =
        expectOneOf(
            server,
            CompletionStatus.LOCAL_PROTECTION_ERROR,
            CompletionStatus.LOCAL_QP_OPERATION_ERROR);
    assertEquals(1, first.wrId());
  }

  @Test
  void shouldCompleteUnsignalledRequestsThatFail() {
    postTo(Opcode.READ, server.region.iova(), rkey(server.region));
    expect(client, CompletionStatus.SUCCESS);
    post(
        request
            .write(6, server.region.iova(), 0)
            .local(lkey(client), client.region.iova(), 8)
            .unsignalled());
    assertEquals(6, expect(client, CompletionStatus.REMOTE_ACCESS_ERROR).wrId());
  }

  @Test
  void shouldRefuseMalformedRequests() {
    long at = server.region.iova();
    int key = rkey(server.region);
    int lkey = lkey(client);
    long iova = client.region.iova();
    assertInvalid(request.fetchAndAdd(1, at + 4, key, 1).local(lkey, iova, 8));
    assertInvalid(request.compareAndSwap(1, at + 1, key, 1, 2).local(lkey, iova, 8));
    assertInvalid(request.fetchAndAdd(1, at, key, 1).local(lkey, iova, 4));
    assertInvalid(request.fetchAndAdd(1, at, key, 1));
    assertInvalid(request.read(1, at, key).local(lkey, iova, -1));
    assertInvalid(request.read(1, at, key).local(lkey, iova, 8).inline());
    int tooLong = client.fabric.limits().inlineBytesMax() + 1;
    assertInvalid(request.send(1).local(0, 4096, tooLong).inline());
    assertEquals(Connection.INVALID, server.connection.postReceive(1, lkey, iova, -1));
    assertEquals(State.CONNECTED, client.connection.state());
    expectNothing(client);
  }

  private void assertInvalid(WorkRequest malformed) {
    assertEquals(Connection.INVALID, client.connection.post(malformed));
  }

  @Test
  void shouldGiveUpWhenPeerPostsNoReceiveInTime() throws Exception {
    open(Options.defaults().retryTimeoutNs(SHORT_NS));
    long start = System.nanoTime();
    post(sendRequest(1, 8));
    post(writeRequest(2, 0, 8));
    assertEquals(1, expect(client, CompletionStatus.RNR_RETRY_EXCEEDED).wrId());
    assertTrue(System.nanoTime() - start >= SHORT_NS);
    assertEquals(2, expect(client, CompletionStatus.FLUSHED).wrId());
    expectState(client, State.ERROR);
    expectFlushing();
    assertEquals(State.CONNECTED, server.connection.state());
  }

  @Test
  void shouldEndWaitingSendsWhenPeerCloses() {
    for (int i = 0; i < 5; i++) {
      post(sendRequest(i, 8));
    }
    server.connection.close();
    Completion[] done = client.await(5);
    assertEquals(CompletionStatus.RETRY_EXCEEDED, done[0].status());
    for (int i = 1; i < 5; i++) {
      assertEquals(i, done[i].wrId());
      assertEquals(CompletionStatus.FLUSHED, done[i].status());
    }
    expectState(client, State.ERROR);
    expectFlushing();
  }

  @Test
  void shouldEndOperationsWhenPeerHasClosed() {
    server.connection.close();
    expectState(client, State.ERROR);
    post(readRequest(1, 0, 8));
    expect(client, CompletionStatus.RETRY_EXCEEDED);
    expectFlushing();
  }

  @Test
  void shouldDeliverWhatWasSentBeforePeerClosed() {
    postReceive(1, 0, 8);
    postReceive(2, 64, 8);
    client.memory.segment().set(ValueLayout.JAVA_LONG, 0, 31);
    post(sendRequest(1, 8));
    expect(client, CompletionStatus.SUCCESS);
    client.connection.close();
    expectState(server, State.ERROR);
    assertEquals(1, expect(server, CompletionStatus.SUCCESS).wrId());
    assertEquals(31, server.memory.segment().get(ValueLayout.JAVA_LONG, 0));
    assertEquals(2, expect(server, CompletionStatus.FLUSHED).wrId());
    server.connection.postReceive(3, lkey(server), server.region.iova(), 8);
    assertEquals(3, expect(server, CompletionStatus.FLUSHED).wrId());
  }

  @Test
  void shouldFlushOutstandingRequestsOfThisEndWhenClosed() {
    client.connection.postReceive(1, lkey(client), client.region.iova(), 8);
    post(writeRequest(2, 0, 8));
    post(sendRequest(3, 8));
    client.connection.close();
    client.connection.close();
    Completion[] done = client.await(3);
    for (Completion one : done) {
      boolean mayHaveRun = one.wrId() == 2 && one.status() == CompletionStatus.SUCCESS;
      assertTrue(mayHaveRun || one.status() == CompletionStatus.FLUSHED, one.toString());
    }
    assertEquals(State.CLOSED, client.connection.state());
    assertEquals(Connection.CLOSED, client.connection.post(writeRequest(2, 0, 8)));
    assertEquals(Connection.CLOSED, client.connection.postReceive(1, 0, 0, 0));
  }

  @Test
  void shouldTellOnceThatThePeerHasGone() throws Exception {
    AtomicInteger clientCalls = new AtomicInteger();
    CountDownLatch gone = new CountDownLatch(1);
    server.connection.onDisconnect(clientCalls::incrementAndGet);
    client.connection.onDisconnect(clientCalls::incrementAndGet);
    client.connection.onDisconnect(gone::countDown);
    server.connection.close();
    assertTrue(gone.await(30, TimeUnit.SECONDS), "nothing is under way that could time out");
    CountDownLatch late = new CountDownLatch(1);
    client.connection.onDisconnect(late::countDown);
    assertTrue(late.await(30, TimeUnit.SECONDS));
    assertEquals(1, clientCalls.get());
    assertEquals(State.ERROR, client.connection.state());
    assertNotNull(client.connection.errorReason());
    assertNull(server.connection.errorReason());
  }

  @Test
  void shouldWakeWaitingReceiverWhenPeerCloses() {
    postReceive(1, 0, 8);
    assertFalse(server.queue.await(1_000_000L));
    client.connection.close();
    assertTrue(server.queue.await(FabricPair.TIMEOUT_NS));
    expect(server, CompletionStatus.FLUSHED);
  }

  @Test
  void shouldKeepOtherConnectionsWhenOneBreaks() throws Exception {
    Connection[] second = FabricPair.connect(client, server, Options.defaults());
    postTo(Opcode.READ, server.region.iova(), 0);
    expect(client, CompletionStatus.REMOTE_ACCESS_ERROR);
    assertEquals(Connection.POSTED, second[0].post(readRequest(2, 0, 8)));
    expect(client, CompletionStatus.SUCCESS);
    assertEquals(State.CONNECTED, second[1].state());
  }
}
