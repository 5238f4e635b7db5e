package io.splitkernel.fabric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.splitkernel.fabric.FabricPair.Options;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Memories and regions: what is refused, what is given back, what never leaks. */
abstract class ResourceContract extends ThreadContract {
  @ParameterizedTest
  @CsvSource({
    "-4096,4096,0,7,outside",
    "0,0,0,7,outside",
    "4190208,8192,0,7,outside",
    "4096,4096,17,7,congruent",
    "0,4096,0,2,LOCAL_WRITE",
    "0,4096,0,8,LOCAL_WRITE",
    "0,4096,0,16,access bits"
  })
  void shouldRefuseRegistrationWithAReason(
      long offset, long length, long iova, int access, String reason) {
    FabricException refused =
        assertThrows(
            FabricException.class,
            () -> server.domain.register(server.memory, offset, length, iova, access));
    assertTrue(refused.getMessage().contains(reason), refused.getMessage());
  }

  @Test
  void shouldServeRegionOnDemandWhereTheDeviceCan() throws Exception {
    assumeTrue(server.fabric.limits().onDemandPaging(), "the device has no on-demand paging");
    int access = Access.ALL | Access.ON_DEMAND;
    MemoryRegion region = server.domain.register(server.memory, 0, MIB, 0x2000_0000L, access);
    fill(server.memory.segment(), 0, MIB, 3);
    post(request.read(1, 0x2000_0000L, rkey(region)).local(lkey(client), 0x10000, MIB));
    expect(client, CompletionStatus.SUCCESS);
    expectFilled(client.memory.segment(), 0, MIB, 3);
    region.close();
  }

  @Test
  void shouldRefuseOnDemandWhereTheDeviceCannot() {
    assumeFalse(server.fabric.limits().onDemandPaging(), "the device has on-demand paging");
    int access = Access.ALL | Access.ON_DEMAND;
    FabricException refused =
        assertThrows(
            FabricException.class, () -> server.domain.register(server.memory, 0, 4096, 0, access));
    assertTrue(refused.getMessage().contains("on-demand"), refused.getMessage());
  }

  @Test
  void shouldMoveBytesAcrossThePiecesOfASplitRegion() throws Exception {
    FabricMemory memory = client.fabric.allocateMemory(5L * MIB, "split");
    long base = memory.segment().address();
    try (SplitRegion split =
        SplitRegion.register(client.domain, memory, Access.LOCAL_WRITE, 2 * MIB)) {
      assertEquals(3, split.pieceCount());
      fill(server.memory.segment(), 0, 3 * MIB, 4);
      long at = MIB + 4096;
      request.read(1, server.region.iova(), rkey(server.region));
      split.keysOn(client.connection).addTo(request, base + at, 2 * MIB);
      post(request);
      assertEquals(2L * MIB, expect(client, CompletionStatus.SUCCESS).length());
      expectFilled(memory.segment(), at, 2 * MIB, 4);
      request.write(2, server.region.iova(), rkey(server.region));
      split.keysOn(client.connection).addTo(request, base + 4L * MIB - 1, 2);
      memory.segment().setAtIndex(ValueLayout.JAVA_BYTE, 4L * MIB - 1, (byte) 71);
      memory.segment().setAtIndex(ValueLayout.JAVA_BYTE, 4L * MIB, (byte) 72);
      post(request);
      expect(client, CompletionStatus.SUCCESS);
      assertEquals(71, server.memory.segment().get(ValueLayout.JAVA_BYTE, 0));
      assertEquals(72, server.memory.segment().get(ValueLayout.JAVA_BYTE, 1));
    }
    memory.close();
  }

  @Test
  void shouldRefuseMemoryOfAnotherFabric() {
    assertThrows(
        FabricException.class, () -> server.domain.register(client.memory, 0, 4096, 0, Access.ALL));
  }

  @Test
  void shouldAllocateZeroedWholePages() throws Exception {
    FabricMemory memory = server.fabric.allocateMemory(5000, "odd");
    assertEquals(8192, memory.lengthBytes());
    assertEquals(8192, memory.segment().byteSize());
    assertEquals(0, memory.segment().address() % 4096);
    assertEquals(0, memory.segment().get(ValueLayout.JAVA_LONG, 8184));
    assertThrows(FabricException.class, () -> server.fabric.allocateMemory(0, "none"));
    memory.close();
  }

  @Test
  void shouldReadZeroesAfterDiscard() throws Exception {
    MemorySegment segment = server.memory.segment();
    segment.fill((byte) 7);
    server.region.close();
    server.memory.discard(4096, 8192);
    assertEquals(7, segment.get(ValueLayout.JAVA_BYTE, 4095));
    assertEquals(0, segment.get(ValueLayout.JAVA_BYTE, 4096));
    assertEquals(0, segment.get(ValueLayout.JAVA_BYTE, 12287));
    assertEquals(7, segment.get(ValueLayout.JAVA_BYTE, 12288));
    assertThrows(FabricException.class, () -> server.memory.discard(1, 4096));
    assertThrows(FabricException.class, () -> server.memory.discard(0, MEMORY_BYTES + 4096));
  }

  @Test
  void shouldKeepMemoryWhileARegionIsRegistered() {
    assertThrows(IllegalStateException.class, server.memory::close);
    server.region.close();
    server.memory.close();
    server.memory.close();
  }

  @Test
  void shouldLeakNothingOverManyRegistrations() throws Exception {
    postTouch();
    long before = heldResources();
    for (int i = 0; i < 10_000; i++) {
      MemoryRegion region =
          server.domain.register(server.memory, 0, 4096, (long) i << 12, Access.ALL);
      if (i % 100 == 0) {
        post(
            request
                .read(i, (long) i << 12, rkey(region))
                .local(lkey(client), client.region.iova(), 8));
        expect(client, CompletionStatus.SUCCESS);
      }
      region.close();
    }
    assertEquals(before, heldResources());
  }

  @Test
  void shouldServeManyRegionsAtOnce() throws Exception {
    int count = 20_000;
    MemoryRegion[] regions = new MemoryRegion[count];
    for (int i = 0; i < count; i++) {
      long offset = (i % 1024) * 4096L;
      regions[i] =
          server.domain.register(server.memory, offset, 4096, 0x1000_0000L + offset, Access.ALL);
    }
    server.memory.segment().set(ValueLayout.JAVA_LONG, 777 * 4096L, 777);
    int index = 777 + 1024 * 18;
    post(
        request
            .read(1, regions[index].iova(), rkey(regions[index]))
            .local(lkey(client), client.region.iova(), 8));
    expect(client, CompletionStatus.SUCCESS);
    assertEquals(777, client.memory.segment().get(ValueLayout.JAVA_LONG, 0));
    for (MemoryRegion region : regions) {
      region.close();
    }
  }

  /** Makes the client map the server's memory. */
  void postTouch() {
    post(readRequest(1, 0, 8));
    expect(client, CompletionStatus.SUCCESS);
  }

  /** Regions that are deregistered under a reader: fewer where each round takes long. */
  protected int deregistrations() {
    return 200;
  }

  @Test
  void shouldNotReadARegionAfterItsDeregistrationReturned() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    MemorySegment bytes = server.memory.segment();
    Thread reader = Thread.ofPlatform().start(() -> readUntilRefused(stop));
    for (int round = 0; round < deregistrations() && !stop.get(); round++) {
      bytes.asSlice(0, 65536).fill((byte) 1);
      MemoryRegion region = server.domain.register(server.memory, 0, 65536, 0, Access.ALL);
      currentKey = rkey(region);
      awaitReads(3, stop);
      region.close();
      bytes.asSlice(0, 65536).fill((byte) 2);
      awaitRefusal();
    }
    stop.set(true);
    reader.join(10_000);
    assertFalse(sawPoison, "a read returned bytes that were written after deregistration");
    assertTrue(successfulReads.get() > deregistrations());
  }

  private volatile int currentKey;
  private volatile boolean sawPoison;
  private final AtomicLong successfulReads = new AtomicLong();
  private final AtomicLong refusals = new AtomicLong();

  private void awaitReads(int count, AtomicBoolean stop) {
    long target = successfulReads.get() + count;
    Awaitility.await()
        .pollInterval(Duration.ofNanos(100_000))
        .pollDelay(Duration.ZERO)
        .until(() -> successfulReads.get() >= target || stop.get());
  }

  private void awaitRefusal() {
    long target = refusals.get() + 1;
    Awaitility.await()
        .pollInterval(Duration.ofNanos(100_000))
        .pollDelay(Duration.ZERO)
        .until(() -> refusals.get() >= target);
  }

  /** Reads with the current key over ever new connections, since a refusal breaks one. */
  private void readUntilRefused(AtomicBoolean stop) {
    WorkRequest read = new WorkRequest();
    CompletionBatch batch = new CompletionBatch(1);
    try {
      CompletionQueue queue = client.fabric.createCompletionQueue(64);
      while (!stop.get()) {
        Connection connection =
            FabricPair.connect(client.domain, queue, client.fabric, server, Options.defaults())[0];
        boolean refused = false;
        while (!refused && !stop.get()) {
          refused = !readOnce(connection, queue, read, batch);
        }
        connection.close();
      }
    } catch (Exception e) {
      stop.set(true);
      throw new AssertionError(e);
    }
  }

  private boolean readOnce(
      Connection connection, CompletionQueue queue, WorkRequest read, CompletionBatch batch) {
    read.read(1, 0, currentKey).local(lkey(client), client.region.iova(), 65536);
    connection.post(read);
    while (queue.poll(batch) == 0) {
      queue.await(1_000_000_000L);
    }
    if (batch.status(0) != CompletionStatus.SUCCESS) {
      refusals.incrementAndGet();
      return false;
    }
    MemorySegment got = client.memory.segment().asSlice(0, 65536);
    for (long i = 0; i < 65536; i += 512) {
      sawPoison |= got.get(ValueLayout.JAVA_BYTE, i) == 2;
    }
    successfulReads.incrementAndGet();
    return true;
  }
}
