package io.splitkernel.fabric.verbs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.splitkernel.fabric.Access;
import io.splitkernel.fabric.ChildPeer;
import io.splitkernel.fabric.CompletionBatch;
import io.splitkernel.fabric.CompletionQueue;
import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricMemory;
import io.splitkernel.fabric.MemoryRegion;
import io.splitkernel.fabric.ProtectionDomain;
import io.splitkernel.fabric.WorkRequest;
import io.splitkernel.ffi.rdma.RdmaLibraries;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A peer in another process, stopped and killed; on an RDMA device: see {@code ci/verbs-test}. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class VerbsProcessesTest {
  private static final long RETRY_TIMEOUT_NS = 2_000_000_000L;

  private final WorkRequest read = new WorkRequest();
  private final CompletionBatch batch = new CompletionBatch(1);
  private VerbsFabric fabric;
  private CompletionQueue queue;
  private FabricMemory memory;
  private MemoryRegion region;
  private ChildPeer peer;
  private Connection connection;
  private int key;

  @BeforeEach
  void connect() throws Exception {
    assumeTrue(
        RdmaLibraries.missing().isEmpty(), () -> RdmaLibraries.missing().orElse("installed"));
    assumeTrue(
        System.getenv("SOFTROCE_ADDRESS") != null,
        "SOFTROCE_ADDRESS names no RDMA device's address");
    fabric = VerbsFabric.open("");
    ProtectionDomain domain = fabric.allocateProtectionDomain();
    queue = fabric.createCompletionQueue(16);
    memory = fabric.allocateMemory(4096, "test");
    region = domain.register(memory, 0, 4096, 0, Access.LOCAL_WRITE);
    peer = new ChildPeer(VerbsPeer.class);
    String[] said = peer.line().split(" ");
    key = Integer.parseInt(said[1]);
    connection =
        fabric.connect(
            new FabricAddress("localhost", Integer.parseInt(said[0])),
            new ConnectionConfig(domain, queue, queue, 4, 4, 0, RETRY_TIMEOUT_NS),
            new byte[0],
            60_000_000_000L);
  }

  @AfterEach
  void close() {
    if (peer != null) {
      peer.close();
    }
    if (fabric != null) {
      fabric.close();
    }
  }

  private CompletionStatus read() {
    read.read(1, VerbsPeer.IOVA, key).local(region.lkey(), 0, 8);
    assertEquals(Connection.POSTED, connection.post(read));
    assertTrue(queue.await(60_000_000_000L), "no completion");
    assertEquals(1, queue.poll(batch));
    return batch.status(0);
  }

  @Test
  void shouldReadFromAPeerThatDoesNotRun() throws Exception {
    peer.signal("STOP");
    assertEquals(CompletionStatus.SUCCESS, read());
    assertEquals(peer.pid(), memory.segment().get(ValueLayout.JAVA_LONG, 0));
  }

  @Test
  void shouldEndReadsWhenPeerIsKilled() {
    assertEquals(CompletionStatus.SUCCESS, read());
    peer.kill();
    CompletionStatus status = read();
    while (status == CompletionStatus.SUCCESS) {
      status = read();
    }
    assertEquals(CompletionStatus.RETRY_EXCEEDED, status);
    assertEquals(Connection.State.ERROR, connection.state());
    assertNotNull(connection.errorReason());
    assertEquals(CompletionStatus.FLUSHED, read());
  }
}
