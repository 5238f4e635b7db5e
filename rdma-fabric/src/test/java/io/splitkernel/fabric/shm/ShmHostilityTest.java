package io.splitkernel.fabric.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.fabric.Access;
import io.splitkernel.fabric.CompletionQueue;
import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.ConnectionRequest;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.Listener;
import io.splitkernel.fabric.ProtectionDomain;
import io.splitkernel.ffi.EventFd;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.MemFd;
import io.splitkernel.ffi.UnixSocket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connectors and peers that send garbage, nothing, or too much. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ShmHostilityTest {
  private static final long PATIENCE_NS = 30_000_000_000L;
  private static final int HANDSHAKES_MAX = 4;
  private static final Introduction HONEST =
      new Introduction(1 << 10, 16, 16, 1, Access.ALL, 16, 0);
  private ShmFabric fabric;
  private ProtectionDomain domain;
  private CompletionQueue queue;
  private Listener listener;
  private long heldBefore;

  @BeforeEach
  void listen() throws Exception {
    listen(PATIENCE_NS);
  }

  private void listen(long handshakeTimeoutNs) throws Exception {
    ShmConfig defaults = ShmConfig.defaults();
    fabric =
        ShmFabric.open(
            new ShmConfig(
                defaults.regionsMax(),
                defaults.memoriesMax(),
                defaults.completionQueuesMax(),
                defaults.connectionsMax(),
                HANDSHAKES_MAX,
                handshakeTimeoutNs,
                defaults.deregistrationTimeoutNs(),
                0));
    domain = fabric.allocateProtectionDomain();
    queue = fabric.createCompletionQueue(64);
    listener = fabric.listen(new FabricAddress("localhost", 0));
    heldBefore = held();
  }

  /** After every hostility the listener still serves, and nothing of it is left. */
  @AfterEach
  void expectUnharmed() throws Exception {
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> held() == heldBefore);
    CompletableFuture<Connection> accepted = acceptNext();
    Connection connection = fabric.connect(listener.address(), config(), new byte[0], PATIENCE_NS);
    assertEquals(Connection.State.CONNECTED, connection.state());
    accepted.get(30, TimeUnit.SECONDS);
    fabric.close();
  }

  private CompletableFuture<Connection> acceptNext() {
    return CompletableFuture.supplyAsync(() -> {
      try {
        return listener.accept(PATIENCE_NS).accept(config());
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    });
  }

  private ConnectionConfig config() {
    return new ConnectionConfig(domain, queue, queue, 16, 16, Access.ALL, PATIENCE_NS);
  }

  private static long held() throws Exception {
    return ProcessResources.descriptors() + ProcessResources.sharedMappings();
  }

  private int knock() {
    int fd = UnixSocket.create();
    assertEquals(0, UnixSocket.connect(fd, ShmAddress.socketName(listener.address().port())));
    return fd;
  }

  private static void await(LongSupplier counter, long value) {
    Awaitility.await()
        .pollInterval(Duration.ofMillis(5))
        .atMost(Duration.ofSeconds(30))
        .until(() -> counter.getAsLong() == value);
  }

  @Test
  void shouldCloseAndCountGarbage() {
    Random random = new Random(7);
    for (int i = 0; i < 50; i++) {
      int fd = knock();
      byte[] garbage = new byte[1 + random.nextInt(600)];
      random.nextBytes(garbage);
      UnixSocket.send(fd, garbage);
      await(fabric.counters()::malformedMessages, i + 1);
      FileDescriptor.close(fd);
    }
  }

  @Test
  void shouldCloseAndCountHelloThatIsCutOrLies() {
    byte[] hello = ControlMessage.hello(HONEST, new byte[0]);
    for (int length = 0; length < hello.length; length += 3) {
      int fd = knock();
      byte[] cut = Arrays.copyOf(hello, Math.max(1, length));
      UnixSocket.send(fd, cut);
      await(fabric.counters()::malformedMessages, length / 3 + 1);
      FileDescriptor.close(fd);
    }
  }

  @Test
  void shouldCloseHelloWithWrongDescriptors() {
    int memory = MemFd.create("lego-wrong", 4096);
    byte[] hello = ControlMessage.hello(HONEST, new byte[0]);
    int[][] wrong = {{}, {memory}, {memory, memory, memory}, {memory, memory, memory, memory}};
    for (int i = 0; i < wrong.length; i++) {
      int fd = knock();
      UnixSocket.send(fd, hello, wrong[i]);
      await(fabric.counters()::malformedMessages, i + 1);
      FileDescriptor.close(fd);
    }
    FileDescriptor.close(memory);
  }

  @Test
  void shouldRefuseConnectorWhoseTableHasAnotherSize() throws Exception {
    int table = MemFd.create("lego-small", 4096);
    int event = EventFd.create();
    int fd = knock();
    UnixSocket.send(fd, ControlMessage.hello(HONEST, new byte[0]), table, event, event);
    ConnectionRequest request = listener.accept(PATIENCE_NS);
    assertNotNull(request);
    Exception refused = null;
    try {
      request.accept(config());
    } catch (Exception e) {
      refused = e;
    }
    assertNotNull(refused);
    assertTrue(refused.getMessage().contains("another size"), refused.getMessage());
    FileDescriptor.close(fd);
    FileDescriptor.close(event);
    FileDescriptor.close(table);
  }

  @Test
  void shouldCloseSilentConnectorsAfterTheDeadlineAndTooManyAtOnce() throws Exception {
    fabric.close();
    listen(2_000_000_000L); // the honest connector must not need so long
    int[] silent = new int[HANDSHAKES_MAX + 3];
    for (int i = 0; i < silent.length; i++) {
      silent[i] = knock();
    }
    await(fabric.counters()::overflowedHandshakes, 3);
    await(fabric.counters()::expiredHandshakes, HANDSHAKES_MAX);
    assertNull(listener.accept(0));
    for (int fd : silent) {
      assertEquals(0, UnixSocket.receive(fd, new byte[16]).result());
      FileDescriptor.close(fd);
    }
  }

  @Test
  void shouldForgetConnectorThatLeftBeforeItWasAccepted() throws Exception {
    int table = MemFd.create("lego-table", HONEST.tableBytes());
    int event = EventFd.create();
    int fd = knock();
    UnixSocket.send(fd, ControlMessage.hello(HONEST, new byte[0]), table, event, event);
    ConnectionRequest request = listener.accept(PATIENCE_NS);
    FileDescriptor.close(fd);
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> {
          try {
            request.accept(config()).close();
            return false;
          } catch (Exception gone) {
            return gone.getMessage().contains("has gone");
          }
        });
    FileDescriptor.close(event);
    FileDescriptor.close(table);
  }

  @Test
  void shouldBreakOnlyTheConnectionWhosePeerSendsGarbage() throws Exception {
    int table = MemFd.create("lego-table", HONEST.tableBytes());
    int event = EventFd.create();
    int fd = knock();
    UnixSocket.send(fd, ControlMessage.hello(HONEST, new byte[0]), table, event, event);
    Connection connection = listener.accept(PATIENCE_NS).accept(config());
    UnixSocket.send(fd, ControlMessage.ofInt(ControlMessage.Type.MEMORY_REQUEST, 123456));
    UnixSocket.send(fd, ControlMessage.ofInt(ControlMessage.Type.MEMORY_GONE, -1));
    assertEquals(Connection.State.CONNECTED, connection.state());
    UnixSocket.send(fd, ControlMessage.accept(HONEST), table, event, event, table);
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> connection.state() == Connection.State.ERROR);
    assertEquals(1, fabric.counters().malformedMessages());
    connection.close();
    FileDescriptor.close(fd);
    FileDescriptor.close(event);
    FileDescriptor.close(table);
  }
}
