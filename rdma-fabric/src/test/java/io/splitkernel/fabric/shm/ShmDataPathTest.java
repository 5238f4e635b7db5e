package io.splitkernel.fabric.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.FabricPair;
import io.splitkernel.fabric.FabricPair.End;
import io.splitkernel.fabric.FabricPair.Options;
import io.splitkernel.fabric.WorkRequest;
import io.splitkernel.ffi.Syscall;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The warmed data path: what it allocates, and how far a READ is from a copy. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ShmDataPathTest {
  private static final int PAGE = 4096;
  private static final int WARM = 200_000;
  private static final int MEASURED = 1_000_000;
  private static final int SAMPLES = 100_000;

  private static final long SYS_GETPPID = 110;

  private FabricPair pair;
  private End client;
  private End server;
  private final WorkRequest request = new WorkRequest();

  @BeforeEach
  void open() throws Exception {
    pair =
        new FabricPair(
            ShmFabric.open(ShmConfig.defaults()),
            ShmFabric.open(ShmConfig.defaults()),
            1 << 20,
            Options.defaults());
    client = pair.client;
    server = pair.server;
  }

  @AfterEach
  void close() {
    pair.close();
  }

  private void readOnce(int i) {
    request
        .read(i, server.region.iova() + (i & 63) * (long) PAGE, server.region.rkey())
        .local(client.region.lkey(), client.region.iova(), PAGE);
    complete();
  }

  private void complete() {
    if (client.connection.post(request) != Connection.POSTED) {
      throw new AssertionError("not posted");
    }
    while (client.queue.poll(client.batch) == 0) {
      Thread.onSpinWait();
    }
    if (client.batch.status(0) != CompletionStatus.SUCCESS) {
      throw new AssertionError(client.batch.status(0));
    }
  }

  private void exchangeOnce(int i) {
    server.connection.postReceive(i, server.region.lkey(), server.region.iova(), PAGE);
    request.send(i).local(client.region.lkey(), client.region.iova(), 128);
    complete();
    while (server.queue.poll(server.batch) == 0) {
      Thread.onSpinWait();
    }
    server.queue.arm();
  }

  private void addOnce(int i) {
    request
        .fetchAndAdd(i, server.region.iova(), server.region.rkey(), 1)
        .local(client.region.lkey(), client.region.iova(), 8);
    complete();
  }

  private static long allocatedBytes() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }

  @Test
  void shouldAllocateNothingOnceWarm() {
    for (int i = 0; i < WARM; i++) {
      readOnce(i);
      exchangeOnce(i);
      addOnce(i);
    }
    long before = allocatedBytes();
    for (int i = 0; i < MEASURED; i++) {
      readOnce(i);
      addOnce(i);
      if ((i & 7) == 0) {
        exchangeOnce(i);
      }
    }
    long allocated = allocatedBytes() - before;
    assertTrue(allocated < 1024, allocated + " bytes allocated");
  }

  /** What it adds is compared with another thing of this run: machines have all speeds. */
  @Test
  void shouldReadAPageLittleSlowerThanACopy() {
    MemorySegment from = server.memory.segment();
    MemorySegment to = client.memory.segment();
    long[] copies = new long[SAMPLES];
    long[] reads = new long[SAMPLES];
    long[] calls = new long[SAMPLES];
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < SAMPLES; i++) {
        long start = System.nanoTime();
        MemorySegment.copy(from, (i & 63) * (long) PAGE, to, 0, PAGE);
        copies[i] = System.nanoTime() - start;
      }
      for (int i = 0; i < SAMPLES; i++) {
        long start = System.nanoTime();
        readOnce(i);
        reads[i] = System.nanoTime() - start;
      }
      for (int i = 0; i < SAMPLES; i++) {
        long start = System.nanoTime();
        Syscall.call(SYS_GETPPID, 0, 0, 0);
        calls[i] = System.nanoTime() - start;
      }
    }
    Arrays.sort(copies);
    Arrays.sort(reads);
    Arrays.sort(calls);
    long copy = copies[SAMPLES / 2];
    long read = reads[SAMPLES / 2];
    long call = calls[SAMPLES / 2];
    String medians = "copy " + copy + " ns, READ " + read + " ns, system call " + call + " ns";
    System.out.println("4 KiB median: " + medians);
    assertTrue(read - copy < 2 * call, medians);
    assertEquals(Connection.State.CONNECTED, client.connection.state());
  }
}
