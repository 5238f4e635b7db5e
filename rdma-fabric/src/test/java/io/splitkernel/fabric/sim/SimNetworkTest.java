package io.splitkernel.fabric.sim;

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
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.FabricMemory;
import io.splitkernel.fabric.MemoryRegion;
import io.splitkernel.fabric.ProtectionDomain;
import io.splitkernel.fabric.WorkRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The stepped network: nothing moves by itself, and a run is its seed. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SimNetworkTest {
  private static final FabricAddress SERVER = new FabricAddress("server", 7000);
  private final AtomicLong clock = new AtomicLong();

  /** A node with its usual objects. */
  private static final class Node {
    final SimFabric fabric;
    final ProtectionDomain domain;
    final CompletionQueue queue;
    final MemoryRegion region;
    final CompletionBatch batch = new CompletionBatch(64);

    Node(SimNetwork network, String name) throws FabricException {
      fabric = network.open(name);
      domain = fabric.allocateProtectionDomain();
      queue = fabric.createCompletionQueue(64);
      FabricMemory memory = fabric.allocateMemory(4096, name);
      region = domain.register(memory, 0, 4096, 0, Access.ALL);
    }

    ConnectionConfig config() {
      return new ConnectionConfig(domain, queue, queue, 16, 16, Access.ALL, 1_000_000L);
    }

    void serve(List<Connection> accepted) throws FabricException {
      fabric
          .listen(SERVER)
          .onRequest(request -> {
            try {
              accepted.add(request.accept(config()));
            } catch (FabricException e) {
              throw new AssertionError(e);
            }
          });
    }
  }

  private static WorkRequest add(Node node, long wrId) {
    return new WorkRequest()
        .fetchAndAdd(wrId, 0, node.region.rkey(), 1)
        .local(node.region.lkey(), 8 * wrId, 8);
  }

  @Test
  void shouldMoveOnlyWhenStepped() throws Exception {
    SimNetwork network = SimNetwork.stepped(1, clock::get);
    Node server = new Node(network, "server");
    Node client = new Node(network, "client");
    server.serve(new ArrayList<>());
    Connection connection = client.fabric.connect(SERVER, client.config(), new byte[0], 1);
    connection.post(add(client, 1));
    assertEquals(0, client.queue.poll(client.batch));
    assertTrue(network.step());
    assertEquals(1, client.queue.poll(client.batch));
    assertFalse(network.step());
  }

  private List<Long> order(long seed) throws Exception {
    SimNetwork network = SimNetwork.stepped(seed, clock::get);
    Node server = new Node(network, "server");
    server.serve(new ArrayList<>());
    Node client = new Node(network, "client");
    for (int c = 0; c < 4; c++) {
      Connection connection = client.fabric.connect(SERVER, client.config(), new byte[0], 1);
      for (int i = 0; i < 8; i++) {
        connection.post(add(client, c * 8L + i));
      }
    }
    assertEquals(32, network.runUntilQuiet(1_000));
    List<Long> order = new ArrayList<>();
    int count = client.queue.poll(client.batch);
    for (int i = 0; i < count; i++) {
      order.add(client.batch.wrId(i));
    }
    return order;
  }

  @Test
  void shouldRepeatARunByItsSeed() throws Exception {
    List<Long> first = order(42);
    assertEquals(32, first.size());
    assertEquals(first, order(42));
    assertNotEquals(first, order(43));
  }

  @Test
  void shouldEndWaitingSendWhenTheClockPassesItsDeadline() throws Exception {
    SimNetwork network = SimNetwork.stepped(1, clock::get);
    Node server = new Node(network, "server");
    Node client = new Node(network, "client");
    server.serve(new ArrayList<>());
    Connection connection = client.fabric.connect(SERVER, client.config(), new byte[0], 1);
    connection.post(new WorkRequest().send(1).local(client.region.lkey(), 0, 8));
    assertFalse(client.queue.await(Long.MAX_VALUE));
    clock.addAndGet(1_000_000L);
    assertTrue(client.queue.await(0));
    assertEquals(1, client.queue.poll(client.batch));
    assertEquals(CompletionStatus.RNR_RETRY_EXCEEDED, client.batch.status(0));
  }

  @Test
  void shouldBreakPeersWhenANodeIsKilled() throws Exception {
    SimNetwork network = SimNetwork.stepped(1, clock::get);
    Node server = new Node(network, "server");
    Node client = new Node(network, "client");
    server.serve(new ArrayList<>());
    Connection connection = client.fabric.connect(SERVER, client.config(), new byte[0], 1);
    List<String> told = new ArrayList<>();
    connection.onDisconnect(() -> told.add("gone"));
    connection.post(add(client, 1));
    network.kill("server");
    network.runUntilQuiet(10);
    assertEquals(List.of("gone"), told);
    assertEquals(1, client.queue.poll(client.batch));
    assertEquals(CompletionStatus.RETRY_EXCEEDED, client.batch.status(0));
    assertThrows(
        FabricException.class,
        () -> client.fabric.connect(SERVER, client.config(), new byte[0], 1));
  }

  @Test
  void shouldBreakBothEndsWhenTheNetworkIsCut() throws Exception {
    SimNetwork network = SimNetwork.stepped(1, clock::get);
    Node server = new Node(network, "server");
    Node client = new Node(network, "client");
    List<Connection> accepted = new ArrayList<>();
    server.serve(accepted);
    Connection connection = client.fabric.connect(SERVER, client.config(), new byte[0], 1);
    network.cut("server", "client");
    assertEquals(Connection.State.ERROR, connection.state());
    assertEquals(Connection.State.ERROR, accepted.getFirst().state());
  }

  @Test
  void shouldFailTheNextRequestAsInjected() throws Exception {
    SimNetwork network = SimNetwork.stepped(1, clock::get);
    Node server = new Node(network, "server");
    Node client = new Node(network, "client");
    server.serve(new ArrayList<>());
    Connection connection = client.fabric.connect(SERVER, client.config(), new byte[0], 1);
    client.fabric.failNext(CompletionStatus.RETRY_EXCEEDED);
    connection.post(add(client, 1));
    connection.post(add(client, 2));
    network.runUntilQuiet(10);
    assertEquals(2, client.queue.poll(client.batch));
    assertEquals(CompletionStatus.RETRY_EXCEEDED, client.batch.status(0));
    assertEquals(CompletionStatus.FLUSHED, client.batch.status(1));
  }

  @Test
  void shouldNotWaitForAnAcceptorThatIsNotThere() throws Exception {
    SimNetwork network = SimNetwork.stepped(1, clock::get);
    Node server = new Node(network, "server");
    Node client = new Node(network, "client");
    server.fabric.listen(SERVER);
    assertThrows(
        FabricException.class,
        () -> client.fabric.connect(SERVER, client.config(), new byte[0], Long.MAX_VALUE));
  }
}
