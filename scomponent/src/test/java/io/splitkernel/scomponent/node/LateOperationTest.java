package io.splitkernel.scomponent.node;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.providers.FabricProviders;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeProvider;
import io.splitkernel.protocol.files.server.FileServerConfig;
import io.splitkernel.protocol.files.wire.FileRequest;
import io.splitkernel.protocol.rpc.CallResult;
import io.splitkernel.protocol.rpc.Message;
import io.splitkernel.protocol.rpc.MessageHandler;
import io.splitkernel.protocol.rpc.RpcConnection;
import io.splitkernel.protocol.rpc.RpcEvents;
import io.splitkernel.protocol.rpc.RpcSettings;
import io.splitkernel.protocol.sbe.FileOperation;
import io.splitkernel.protocol.sbe.FileReplyDecoder;
import io.splitkernel.protocol.sbe.Outcome;
import io.splitkernel.scomponent.StorageCounter;
import io.splitkernel.scomponent.store.MemoryStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An operation that takes long, of a client that has lost its connection and comes back. */
@Timeout(120)
final class LateOperationTest {
  private static final Secret SECRET = Secret.of("a secret of the tests");
  private static final FabricAddress ANYWHERE = new FabricAddress("127.0.0.1", 0);
  private static final long CLIENT = 77;
  private static final long PATIENCE_NS = 30_000_000_000L;
  private static final long DRAIN_NS = 300_000_000L;

  private final CountDownLatch gate = new CountDownLatch(1);
  private final CountDownLatch reached = new CountDownLatch(1);
  private final Fabric fabric = openShm();
  private StorageComponent component;

  private static Fabric openShm() {
    try {
      return FabricProviders.open("shm");
    } catch (FabricException e) {
      throw new IllegalStateException(e);
    }
  }

  @BeforeEach
  void start() throws Exception {
    MemoryStore store = new MemoryStore();
    assertEquals(0, store.makeVolume("v", 0));
    StorageComponentConfig base = StorageComponentConfig.of("s", ANYWHERE, null, SECRET);
    FileServerConfig files = FileServerConfig.DEFAULT;
    component =
        StorageComponent.start(
            fabric,
            gated(store),
            new StorageComponentConfig(
                base.name(),
                base.listen(),
                null,
                SECRET,
                base.monitorTimeoutNs(),
                new FileServerConfig(
                    files.workers(),
                    files.queuedBytesMax(),
                    files.inlineBytesMax(),
                    files.fetchesMax(),
                    DRAIN_NS,
                    files.transferNs()),
                base.rpc()));
  }

  @AfterEach
  void stop() {
    gate.countDown();
    component.close();
    fabric.close();
  }

  /** Its volume's lookups wait at the gate. */
  private VolumeProvider gated(MemoryStore store) {
    Volume behind = store.volume("v");
    Volume volume =
        (Volume)
            Proxy.newProxyInstance(
                Volume.class.getClassLoader(),
                new Class<?>[] {Volume.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("lookup")) {
                    reached.countDown();
                    gate.await();
                  }
                  try {
                    return method.invoke(behind, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
    return new VolumeProvider() {
      @Override
      public Volume volume(String name) {
        return volume;
      }

      @Override
      public int makeVolume(String name, long quotaBytes) {
        return store.makeVolume(name, quotaBytes);
      }

      @Override
      public int removeVolume(String name) {
        return store.removeVolume(name);
      }

      @Override
      public long verifier() {
        return store.verifier();
      }

      @Override
      public List<String> names() {
        return store.names();
      }
    };
  }

  private RpcConnection connect() throws FabricException {
    return RpcConnection.connect(
        fabric,
        component.address(),
        SECRET,
        new NodeIdentity(0, NodeRole.CONTROL, "test"),
        RpcSettings.DEFAULT,
        RpcEvents.NONE,
        new MessageHandler() {
          @Override
          public void onMessage(Message message, RpcConnection from) {}

          @Override
          public void onClosed(RpcConnection from, String reason) {}
        },
        PATIENCE_NS);
  }

  private static Outcome open(RpcConnection connection) {
    return Handshake.of(connection, CLIENT, PATIENCE_NS).outcome();
  }

  private static CompletableFuture<CallResult> lookup(RpcConnection connection) {
    FileRequest request = new FileRequest().begin(FileOperation.LOOKUP, "v", "/");
    return CompletableFuture.supplyAsync(
        () -> connection.call(FileReplyDecoder.TEMPLATE_ID, request, PATIENCE_NS));
  }

  @Test
  void shouldKeepEveryLaterConnectionWaitingForIt() throws Exception {
    RpcConnection first = connect();
    assertEquals(Outcome.OK, open(first));
    CompletableFuture<CallResult> late = lookup(first);
    reached.await();
    first.close();
    late.get();
    try (RpcConnection second = connect()) {
      assertEquals(Outcome.FAILED, open(second), "the operation still runs");
    }
    try (RpcConnection third = connect()) {
      CompletableFuture<Outcome> opened = CompletableFuture.supplyAsync(() -> open(third));
      try (RpcConnection fourth = connect()) {
        assertEquals(Outcome.FAILED, open(fourth), "the operation still runs");
      }
      opened.exceptionally(ended -> Outcome.FAILED).get();
    }
    assertEquals(1, component.counters().get(StorageCounter.CLIENTS));
    gate.countDown();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> component.counters().get(StorageCounter.CLIENTS) == 0);
    try (RpcConnection last = connect()) {
      assertEquals(Outcome.OK, open(last));
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> component.counters().get(StorageCounter.CLIENTS) == 0);
  }
}
