package io.splitkernel.fabric.verbs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.FabricPair;
import io.splitkernel.fabric.FabricPair.End;
import io.splitkernel.fabric.FabricPair.Options;
import io.splitkernel.fabric.WorkRequest;
import io.splitkernel.ffi.rdma.RdmaLibraries;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the warmed data path allocates; on an RDMA device: see {@code ci/verbs-test}. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class VerbsDataPathTest {
  private static final int PAGE = 4096;
  private static final int WARM = 3_000;
  private static final int MEASURED = 3_000;
  private static final int CHAIN = 16;

  /** Far below a byte for each operation. */
  private static final long SLACK_BYTES = 1_024;

  private final WorkRequest request = new WorkRequest();
  private final WorkRequest[] chain = new WorkRequest[CHAIN];
  private FabricPair pair;
  private End client;
  private End server;

  @BeforeEach
  void open() throws Exception {
    assumeTrue(
        RdmaLibraries.missing().isEmpty(), () -> RdmaLibraries.missing().orElse("installed"));
    assumeTrue(
        System.getenv("SOFTROCE_ADDRESS") != null,
        "SOFTROCE_ADDRESS names no RDMA device's address");
    pair = new FabricPair(VerbsFabric.open(""), VerbsFabric.open(""), 1 << 20, Options.defaults());
    client = pair.client;
    server = pair.server;
    for (int i = 0; i < CHAIN; i++) {
      chain[i] = new WorkRequest();
    }
  }

  @AfterEach
  void close() {
    if (pair != null) {
      pair.close();
    }
  }

  private static void take(End end, int count) {
    int left = count;
    while (left > 0) {
      int taken = end.queue.poll(end.batch);
      for (int i = 0; i < taken; i++) {
        assertEquals(CompletionStatus.SUCCESS, end.batch.status(i));
      }
      left -= taken;
      if (taken == 0) {
        LockSupport.parkNanos(20_000); // a soft device needs the processor
      }
    }
  }

  private void oneRound(int i) {
    long page = (i & 63) * (long) PAGE;
    request
        .read(i, server.region.iova() + page, server.region.rkey())
        .local(client.region.lkey(), client.region.iova(), PAGE);
    assertEquals(Connection.POSTED, client.connection.post(request));
    take(client, 1);
    if ((i & 15) == 0) {
      for (WorkRequest each : chain) {
        each.write(i, server.region.iova(), server.region.rkey())
            .local(client.region.lkey(), client.region.iova(), 64);
      }
      assertEquals(CHAIN, client.connection.post(chain, CHAIN));
      take(client, CHAIN);
      server.connection.postReceive(i, server.region.lkey(), server.region.iova(), PAGE);
      request.send(i).local(client.region.lkey(), client.region.iova(), 128);
      assertEquals(Connection.POSTED, client.connection.post(request));
      take(client, 1);
      take(server, 1);
      server.queue.arm();
      server.queue.acknowledge();
    }
  }

  @Test
  void shouldAllocateNothingOnceWarm() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (int i = 0; i < WARM; i++) {
      oneRound(i);
    }
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < MEASURED; i++) {
      oneRound(i);
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(allocated < SLACK_BYTES, allocated + " bytes allocated");
  }
}
