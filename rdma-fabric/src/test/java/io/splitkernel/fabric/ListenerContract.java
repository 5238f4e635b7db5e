package io.splitkernel.fabric;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.fabric.FabricPair.Options;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Listening, connecting, and closing what others use. */
abstract class ListenerContract extends ResourceContract {
  private static final FabricAddress ANYWHERE = new FabricAddress("localhost", 0);

  /** Connections that come and go in the test of leaks: fewer where that has been shown already. */
  protected int comingAndGoing() {
    return 1_000;
  }

  @Test
  @Timeout(300)
  void shouldLeakNothingOverManyConnections() throws Exception {
    postTouch();
    FabricPair.connect(client, server, Options.defaults())[0].close();
    long before = heldResources(); // what has just been closed may still be let go of
    try (Listener listener = server.fabric.listen(ANYWHERE)) {
      AtomicBoolean stop = new AtomicBoolean();
      CompletableFuture<Void> acceptor =
          CompletableFuture.runAsync(() -> acceptAndCloseAll(listener, stop));
      for (int i = 0; i < comingAndGoing(); i++) {
        connectAndClose(listener.address(), i, acceptor);
      }
      stop.set(true);
      acceptor.get(30, TimeUnit.SECONDS);
    }
    Awaitility.await()
        .pollInterval(Duration.ofMillis(10))
        .atMost(Duration.ofSeconds(30))
        .until(this::heldResources, held -> held <= before);
  }

  private void connectAndClose(FabricAddress address, int cycle, CompletableFuture<Void> acceptor) {
    try {
      client
          .fabric
          .connect(address, Options.defaults().config(client), new byte[0], FabricPair.TIMEOUT_NS)
          .close();
    } catch (FabricException e) {
      AssertionError failure = new AssertionError("cycle " + cycle, e);
      if (acceptor.isCompletedExceptionally()) {
        failure.addSuppressed(acceptor.exceptionNow());
      }
      throw failure;
    }
  }

  private void acceptAndCloseAll(Listener listener, AtomicBoolean stop) {
    try {
      while (!stop.get()) {
        ConnectionRequest next = listener.accept(50_000_000L);
        if (next != null) {
          next.accept(Options.defaults().config(server)).close();
        }
      }
    } catch (FabricException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldSayThatNothingListensThere() throws Exception {
    FabricAddress address;
    try (Listener listener = server.fabric.listen(ANYWHERE)) {
      address = listener.address();
      assertTrue(address.port() > 0);
    }
    FabricException refused =
        assertThrows(
            UnreachableException.class,
            () ->
                client.fabric.connect(
                    address, Options.defaults().config(client), new byte[0], 1_000_000_000L));
    assertTrue(refused.getMessage().contains("nothing listens"), refused.getMessage());
    assertTrue(refused.getMessage().contains(address.toString()), refused.getMessage());
  }

  @Test
  void shouldHandOverPrivateDataAndReason() throws Exception {
    try (Listener listener = server.fabric.listen(ANYWHERE)) {
      byte[] data = {1, 2, 3};
      CompletableFuture<byte[]> seen =
          CompletableFuture.supplyAsync(() -> {
            try {
              ConnectionRequest incoming = listener.accept(FabricPair.TIMEOUT_NS);
              byte[] got = incoming.privateData();
              incoming.reject("no room left");
              return got;
            } catch (FabricException e) {
              throw new AssertionError(e);
            }
          });
      FabricException rejected =
          assertThrows(
              FabricException.class,
              () ->
                  client.fabric.connect(
                      listener.address(),
                      Options.defaults().config(client),
                      data,
                      FabricPair.TIMEOUT_NS));
      assertTrue(rejected.getMessage().contains("no room left"), rejected.getMessage());
      assertArrayEquals(data, seen.get(30, TimeUnit.SECONDS));
    }
  }

  @Test
  void shouldHandOverAsMuchPrivateDataAsIsPromisedAndNoMore() throws Exception {
    byte[] most = new byte[FabricLimits.PRIVATE_DATA_BYTES_MAX];
    Arrays.fill(most, (byte) 7);
    try (Listener listener = server.fabric.listen(ANYWHERE)) {
      CompletableFuture<byte[]> seen =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  ConnectionRequest incoming = listener.accept(FabricPair.TIMEOUT_NS);
                  incoming.reject("seen");
                  return incoming.privateData();
                } catch (FabricException e) {
                  throw new AssertionError(e);
                }
              },
              FabricPair::start);
      assertThrows(FabricException.class, () -> connectWith(listener.address(), most));
      assertArrayEquals(most, seen.get(30, TimeUnit.SECONDS));
      FabricException refused =
          assertThrows(
              FabricException.class,
              () -> connectWith(listener.address(), new byte[most.length + 1]));
      assertTrue(refused.getMessage().contains("private data"), refused.getMessage());
      assertNull(listener.accept(0));
    }
  }

  private void connectWith(FabricAddress address, byte[] privateData) throws FabricException {
    client.fabric.connect(
        address, Options.defaults().config(client), privateData, FabricPair.TIMEOUT_NS);
  }

  @Test
  void shouldGiveUpConnectingWhenNobodyAccepts() throws Exception {
    try (Listener listener = server.fabric.listen(ANYWHERE)) {
      assertThrows(
          FabricException.class,
          () ->
              client.fabric.connect(
                  listener.address(), Options.defaults().config(client), new byte[0], 50_000_000L));
      ConnectionRequest stale = listener.accept(0);
      if (stale != null) {
        assertIsDeadOnArrival(stale);
      }
    }
  }

  /** The peer may be caught in the act of giving up; then the connection breaks at once. */
  private void assertIsDeadOnArrival(ConnectionRequest stale) {
    try {
      Connection connection = stale.accept(Options.defaults().config(server));
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> connection.state() == Connection.State.ERROR);
      connection.close();
    } catch (FabricException e) {
      assertNotNull(e.getMessage());
    }
  }

  @Test
  void shouldRefuseATakenPortAndFreeItOnClose() throws Exception {
    Listener listener = server.fabric.listen(ANYWHERE);
    assertThrows(FabricException.class, () -> client.fabric.listen(listener.address()));
    assertNull(listener.accept(0));
    assertNull(listener.accept(10_000_000L));
    assertFalse(listener.isClosed());
    listener.close();
    assertTrue(listener.isClosed());
    assertNull(listener.accept(FabricPair.TIMEOUT_NS));
    Listener again = client.fabric.listen(listener.address());
    assertNotNull(again);
    again.close();
  }

  @Test
  void shouldRefuseQueuesBeyondTheLimits() {
    int tooDeep = client.fabric.limits().queueDepthMax() + 1;
    Options options = Options.defaults().depths(tooDeep, 1);
    assertThrows(
        FabricException.class,
        () ->
            client.fabric.connect(
                ANYWHERE, options.config(client), new byte[0], FabricPair.TIMEOUT_NS));
    assertThrows(FabricException.class, () -> client.fabric.createCompletionQueue(0));
  }

  @Test
  void shouldKeepQueueWhileAConnectionFeedsIt() {
    assertThrows(IllegalStateException.class, client.queue::close);
    client.connection.close();
    client.queue.close();
  }

  @Test
  void shouldCloseEverythingWithTheFabric() {
    server.fabric.close();
    server.fabric.close();
    assertEquals(Connection.State.CLOSED, server.connection.state());
    assertEquals(Connection.CLOSED, server.connection.post(sendRequest(1, 8)));
    assertThrows(FabricException.class, server.fabric::allocateProtectionDomain);
    expectState(client, Connection.State.ERROR);
  }
}
