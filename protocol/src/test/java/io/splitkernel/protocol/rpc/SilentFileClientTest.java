package io.splitkernel.protocol.rpc;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.ConnectionRequest;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.shm.ShmConfig;
import io.splitkernel.fabric.shm.ShmFabric;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeProvider;
import io.splitkernel.protocol.files.server.FileServer;
import io.splitkernel.protocol.files.server.FileServerConfig;
import io.splitkernel.protocol.files.server.FileServerEvents;
import io.splitkernel.protocol.files.wire.FileRequest;
import io.splitkernel.protocol.sbe.FileOperation;
import io.splitkernel.protocol.sbe.FileReplyDecoder;
import io.splitkernel.protocol.sbe.OpenFilesEncoder;
import io.splitkernel.protocol.sbe.OpenFilesReplyDecoder;
import java.lang.reflect.Proxy;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client that asks and asks, and takes no answer. */
@Timeout(120)
final class SilentFileClientTest {
  private static final long TIMEOUT_NS = RawPeer.TIMEOUT_NS;
  private static final Secret SECRET = Secret.of("a secret for tests");

  /** Many sends at once, so that the silent client is not held up by itself. */
  private static final RpcSettings EAGER =
      new RpcSettings(64 * 1024, 256, 4, 4, TIMEOUT_NS, TIMEOUT_NS);

  private static final int RECEIVES = 16;
  private static final int REQUESTS = 300;

  private final AtomicInteger given = new AtomicInteger();
  private ShmFabric serverFabric;
  private ShmFabric clientFabric;
  private FileServer files;
  private RpcServer server;

  @BeforeEach
  void start() throws FabricException {
    serverFabric = ShmFabric.open(ShmConfig.defaults());
    clientFabric = ShmFabric.open(ShmConfig.defaults());
    files =
        FileServer.start(serverFabric, volumes(), FileServerConfig.DEFAULT, FileServerEvents.NONE);
    server =
        RpcServer.start(
            serverFabric,
            new FabricAddress("127.0.0.1", 0),
            SECRET,
            RpcSettings.DEFAULT,
            new RpcEvents() {
              @Override
              public void onDeadlineMissed(String reason) {
                assertTrue(reason.contains("does not take its answers"), reason);
                given.incrementAndGet();
              }
            },
            new RpcServer.Service() {
              @Override
              public MessageHandler onJoined(RpcConnection connection) {
                return files.session();
              }

              @Override
              public void onDataRequest(ConnectionRequest request, ConnectionPreamble preamble) {
                files.onDataRequest(request, preamble);
              }
            });
  }

  @AfterEach
  void stop() {
    server.close();
    files.close();
    clientFabric.close();
    serverFabric.close();
  }

  /** One volume, which answers everything with 0. */
  private static VolumeProvider volumes() {
    Volume volume =
        (Volume)
            Proxy.newProxyInstance(
                Volume.class.getClassLoader(), new Class<?>[] {Volume.class}, (_, _, _) -> 0);
    return new VolumeProvider() {
      @Override
      public Volume volume(String name) {
        return volume;
      }

      @Override
      public int makeVolume(String name, long quotaBytes) {
        return 0;
      }

      @Override
      public int removeVolume(String name) {
        return 0;
      }

      @Override
      public long verifier() {
        return 1;
      }

      @Override
      public List<String> names() {
        return List.of("v");
      }
    };
  }

  private static NodeIdentity named(String name) {
    return new NodeIdentity(0, NodeRole.CONTROL, name);
  }

  private static MessageEncoder open(long client) {
    return (buffer, header, id) ->
        new OpenFilesEncoder()
            .wrapAndApplyHeader(buffer, 0, header)
            .correlationId(id)
            .clientId(client)
            .epoch(0)
            .volume("v")
            .encodedLength();
  }

  private MessageChannel silent() throws Exception {
    MessageChannel channel = MessageChannel.open(clientFabric, EAGER);
    ConnectionConfig all = channel.config(EAGER);
    ConnectionConfig few =
        new ConnectionConfig(
            all.protectionDomain(),
            all.sendQueue(),
            all.receiveQueue(),
            all.sendDepth(),
            RECEIVES,
            0,
            TIMEOUT_NS);
    byte[] preamble = ConnectionPreamble.control().encode();
    channel.attach(clientFabric.connect(server.address(), few, preamble, TIMEOUT_NS));
    new JoinHandshake(
            channel,
            SECRET,
            new SecureRandom(),
            EAGER.messageBytesMax(),
            System.nanoTime(),
            TIMEOUT_NS)
        .connect(named("silent"));
    assertTrue(channel.send(open(1), 1, TIMEOUT_NS));
    assertTrue(channel.receive(new byte[EAGER.messageBytesMax()], TIMEOUT_NS) > 0);
    return channel;
  }

  @Test
  void shouldEndAClientThatTakesNoAnswersAndServeOthers() throws Exception {
    FileRequest lookup = new FileRequest().begin(FileOperation.LOOKUP, "v", "/");
    MessageChannel silent = silent();
    try (RpcConnection other =
        RpcConnection.connect(
            clientFabric,
            server.address(),
            SECRET,
            named("other"),
            RpcSettings.DEFAULT,
            RpcEvents.NONE,
            new LossNotice(),
            TIMEOUT_NS)) {
      assertInstanceOf(
          CallResult.Reply.class,
          other.call(OpenFilesReplyDecoder.TEMPLATE_ID, open(2), TIMEOUT_NS));
      for (int i = 0; i < REQUESTS && silent.send(lookup, i + 2, 0); i++) {
        assertInstanceOf(
            CallResult.Reply.class, other.call(FileReplyDecoder.TEMPLATE_ID, lookup, TIMEOUT_NS));
      }
      await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertEquals(1, given.get()));
      assertInstanceOf(
          CallResult.Reply.class, other.call(FileReplyDecoder.TEMPLATE_ID, lookup, TIMEOUT_NS));
    } finally {
      silent.close();
    }
  }
}
