package io.splitkernel.fabric.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.fabric.Access;
import io.splitkernel.fabric.ChildPeer;
import io.splitkernel.fabric.CompletionQueue;
import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricMemory;
import io.splitkernel.fabric.Listener;
import io.splitkernel.fabric.MemoryRegion;
import io.splitkernel.fabric.ProtectionDomain;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Deregistration while a reader is frozen in the middle of a copy. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ShmStoppedPeerTest {
  private static final long TIMEOUT_NS = 30_000_000_000L;
  private static final long BOUND_NS = 300_000_000L;

  /** Longer than any test: it is not what ends a wait. */
  private static final long NEVER_NS = 3_600_000_000_000L;

  private ShmFabric fabric;
  private MemoryRegion region;
  private Listener listener;
  private ChildPeer child;

  private void freezeAReaderInMidCopy(long boundNs) throws Exception {
    ShmConfig defaults = ShmConfig.defaults();
    fabric =
        ShmFabric.open(
            new ShmConfig(defaults.regionsMax(), 16, 16, 16, 16, TIMEOUT_NS, boundNs, 0));
    ProtectionDomain domain = fabric.allocateProtectionDomain();
    CompletionQueue queue = fabric.createCompletionQueue(64);
    FabricMemory memory = fabric.allocateMemory(ShmPeer.MEMORY_BYTES, "frozen");
    region = domain.register(memory, 0, ShmPeer.MEMORY_BYTES, ShmPeer.IOVA, Access.ALL);
    listener = fabric.listen(new FabricAddress("localhost", 0));
    child = new ChildPeer(ShmPeer.class, "read", listener.address().port(), region.rkey(), 8 << 20);
    ConnectionConfig config =
        new ConnectionConfig(domain, queue, queue, 64, 64, Access.ALL, TIMEOUT_NS);
    ShmConnection connection = (ShmConnection) listener.accept(TIMEOUT_NS).accept(config);
    assertEquals("reading", child.line());
    child.signal("STOP");
    while (!isFrozen() || (connection.memory().peerOperation() & 1) == 0) {
      child.signal("CONT");
      child.signal("STOP");
    }
  }

  private boolean isFrozen() throws Exception {
    String stat = Files.readString(Path.of("/proc/" + child.pid() + "/stat"));
    return stat.charAt(stat.lastIndexOf(')') + 2) == 'T';
  }

  @AfterEach
  void close() {
    if (child != null) {
      child.close();
    }
    fabric.close();
  }

  @Test
  void shouldNameTheStoppedPeerWhenTheBoundHasPassed() throws Exception {
    freezeAReaderInMidCopy(BOUND_NS);
    long start = System.nanoTime();
    IllegalStateException refused = assertThrows(IllegalStateException.class, () -> region.close());
    assertTrue(System.nanoTime() - start >= BOUND_NS);
    assertTrue(refused.getMessage().contains("stopped"), refused.getMessage());
    child.signal("CONT");
    assertEquals("READ ended with REMOTE_ACCESS_ERROR", child.line());
  }

  @Test
  void shouldReturnAsSoonAsTheStoppedPeerIsKilled() throws Exception {
    freezeAReaderInMidCopy(NEVER_NS);
    CompletableFuture<Void> deregistration = CompletableFuture.runAsync(region::close);
    assertThrows(TimeoutException.class, () -> deregistration.get(100, TimeUnit.MILLISECONDS));
    assertFalse(deregistration.isDone());
    child.kill();
    deregistration.get(30, TimeUnit.SECONDS);
  }

  @Test
  void shouldReturnOnlyAfterTheCopyWhenThePeerGoesOn() throws Exception {
    freezeAReaderInMidCopy(NEVER_NS);
    CompletableFuture<Void> deregistration = CompletableFuture.runAsync(region::close);
    assertThrows(TimeoutException.class, () -> deregistration.get(100, TimeUnit.MILLISECONDS));
    child.signal("CONT");
    deregistration.get(30, TimeUnit.SECONDS);
    assertEquals("READ ended with REMOTE_ACCESS_ERROR", child.line());
  }
}
