package io.splitkernel.fabric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.fabric.FabricPair.Completion;
import io.splitkernel.fabric.FabricPair.End;
import io.splitkernel.fabric.FabricPair.Options;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/** A connected pair for each test of the contract, and the words that the tests are written in. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
abstract class ContractFixture {
  static final long MEMORY_BYTES = 4L << 20;
  static final int MIB = 1 << 20;

  FabricPair pair;
  End client;
  End server;
  final WorkRequest request = new WorkRequest();

  /** Opens two instances that reach each other. */
  protected abstract Fabric[] openFabrics() throws Exception;

  /** Descriptors and mappings that the provider holds in this process; 0 where there are none. */
  protected long heldResources() throws Exception {
    return 0;
  }

  /** Bytes of a region whose offsets do not fit into 32 bits, if the machine can hold one. */
  protected long largeBytes() {
    return 6L << 30;
  }

  @BeforeEach
  void connect() throws Exception {
    open(Options.defaults());
  }

  /** Replaces the pair by one with other options. */
  void open(Options options) throws Exception {
    if (pair != null) {
      pair.close();
    }
    Fabric[] fabrics = openFabrics();
    pair = new FabricPair(fabrics[0], fabrics[1], MEMORY_BYTES, options);
    client = pair.client;
    server = pair.server;
  }

  @AfterEach
  void close() {
    if (pair != null) {
      pair.close();
    }
  }

  /** Key of an end's region on its connection. */
  static int lkey(End end) {
    return lkey(end, end.region);
  }

  /** Key of a region of an end on its connection. */
  static int lkey(End end, MemoryRegion region) {
    try {
      return region.lkeyOn(end.connection);
    } catch (FabricException e) {
      throw new AssertionError(e);
    }
  }

  /** Key of a region of the server for the client. */
  int rkey(MemoryRegion region) {
    try {
      return region.rkeyOn(server.connection);
    } catch (FabricException e) {
      throw new AssertionError(e);
    }
  }

  WorkRequest readRequest(long wrId, long remoteOffset, int length) {
    return request
        .read(wrId, server.region.iova() + remoteOffset, rkey(server.region))
        .local(lkey(client), client.region.iova(), length);
  }

  WorkRequest writeRequest(long wrId, long remoteOffset, int length) {
    return request
        .write(wrId, server.region.iova() + remoteOffset, rkey(server.region))
        .local(lkey(client), client.region.iova(), length);
  }

  WorkRequest sendRequest(long wrId, int length) {
    return request.send(wrId).local(lkey(client), client.region.iova(), length);
  }

  WorkRequest immediateRequest(long wrId, long remoteOffset, int length, int immediate) {
    return request
        .writeWithImmediate(
            wrId, server.region.iova() + remoteOffset, rkey(server.region), immediate)
        .local(lkey(client), client.region.iova(), length);
  }

  void post(WorkRequest toPost) {
    assertEquals(Connection.POSTED, client.connection.post(toPost));
  }

  void postReceive(long wrId, long offset, int length) {
    assertEquals(
        Connection.POSTED,
        server.connection.postReceive(wrId, lkey(server), server.region.iova() + offset, length));
  }

  Completion expect(End end, CompletionStatus status) {
    Completion done = end.awaitOne();
    assertEquals(status, done.status(), done.toString());
    return done;
  }

  Completion expectOneOf(End end, CompletionStatus status, CompletionStatus other) {
    Completion done = end.awaitOne();
    assertTrue(done.status() == status || done.status() == other, done.toString());
    return done;
  }

  void expectNothing(End end) {
    assertEquals(0, end.queue.poll(end.batch), () -> Completion.of(end.batch, 0).toString());
  }

  void expectState(End end, Connection.State state) {
    Awaitility.await()
        .pollInterval(Duration.ofMillis(1))
        .atMost(Duration.ofSeconds(30))
        .until(() -> end.connection.state() == state);
  }

  /** The client's next operations are flushed. */
  void expectFlushing() {
    post(readRequest(1001, 0, 8));
    assertEquals(1001, expect(client, CompletionStatus.FLUSHED).wrId());
    post(sendRequest(1002, 8).unsignalled());
    assertEquals(1002, expect(client, CompletionStatus.FLUSHED).wrId());
  }

  static void fill(MemorySegment memory, long offset, int length, int seed) {
    for (int i = 0; i < length; i++) {
      memory.set(ValueLayout.JAVA_BYTE, offset + i, pattern(seed, i));
    }
  }

  static void expectFilled(MemorySegment memory, long offset, int length, int seed) {
    for (int i = 0; i < length; i++) {
      byte found = memory.get(ValueLayout.JAVA_BYTE, offset + i);
      if (found != pattern(seed, i)) {
        throw new AssertionError("byte " + i + " of " + length + " is " + found);
      }
    }
  }

  private static byte pattern(int seed, int i) {
    return (byte) (seed * 31 + i * 7 + (i >>> 8));
  }
}
