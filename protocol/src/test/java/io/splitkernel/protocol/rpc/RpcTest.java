package io.splitkernel.protocol.rpc;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.Listener;
import io.splitkernel.fabric.shm.ShmConfig;
import io.splitkernel.fabric.shm.ShmFabric;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.sbe.CloseSpaceDecoder;
import io.splitkernel.protocol.sbe.CloseSpaceEncoder;
import io.splitkernel.protocol.sbe.DoneDecoder;
import io.splitkernel.protocol.sbe.DoneEncoder;
import io.splitkernel.protocol.sbe.MessageHeaderEncoder;
import io.splitkernel.protocol.sbe.OpenSpaceDecoder;
import io.splitkernel.protocol.sbe.OpenSpaceEncoder;
import io.splitkernel.protocol.sbe.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class RpcTest {
  private static final long TIMEOUT_NS = RawPeer.TIMEOUT_NS;
  private static final Secret SECRET = Secret.of("a secret for tests");
  private static final NodeIdentity SELF = new NodeIdentity(3, NodeRole.PROCESSOR, "peer");
  private static final RpcSettings SETTINGS =
      new RpcSettings(4096, 2, 4, 2, TIMEOUT_NS, TIMEOUT_NS);

  /** For who does not join at all. */
  private static final RpcSettings HASTY = new RpcSettings(4096, 2, 4, 2, 200_000_000L, TIMEOUT_NS);

  private final AtomicInteger joined = new AtomicInteger();
  private final AtomicInteger failedJoins = new AtomicInteger();
  private final AtomicInteger rejected = new AtomicInteger();
  private final AtomicInteger deadlines = new AtomicInteger();
  private final AtomicInteger ended = new AtomicInteger();
  private final CountDownLatch hold = new CountDownLatch(1);
  private ShmFabric serverFabric;
  private ShmFabric clientFabric;
  private RpcServer server;

  private final class Counting implements RpcEvents {
    @Override
    public void onJoined(NodeIdentity peer, String provider) {
      joined.incrementAndGet();
    }

    @Override
    public void onJoinFailed(String reason) {
      failedJoins.incrementAndGet();
    }

    @Override
    public void onMessageRejected(String reason) {
      rejected.incrementAndGet();
    }

    @Override
    public void onDeadlineMissed(String reason) {
      deadlines.incrementAndGet();
    }
  }

  /** CloseSpace is answered, OpenSpace only after the test lets go. */
  private final class Service implements MessageHandler {
    @Override
    public void onMessage(Message message, RpcConnection from) throws ProtocolViolation {
      switch (message.templateId()) {
        case CloseSpaceDecoder.TEMPLATE_ID ->
            Replies.done(from, message.correlationId(), Outcome.OK, "");
        case OpenSpaceDecoder.TEMPLATE_ID -> {
          try {
            hold.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          Replies.done(from, message.correlationId(), Outcome.FAILED, "late");
        }
        default -> throw ProtocolViolation.unexpected(message);
      }
    }

    @Override
    public void onClosed(RpcConnection from, String reason) {
      ended.incrementAndGet();
    }
  }

  @BeforeEach
  void start() throws FabricException {
    serverFabric = ShmFabric.open(ShmConfig.defaults());
    clientFabric = ShmFabric.open(ShmConfig.defaults());
    server = serve(SETTINGS);
  }

  private RpcServer serve(RpcSettings settings) throws FabricException {
    return RpcServer.start(
        serverFabric,
        new FabricAddress("localhost", 0),
        SECRET,
        settings,
        new Counting(),
        _ -> new Service());
  }

  @AfterEach
  void stop() {
    hold.countDown();
    server.close();
    clientFabric.close();
    serverFabric.close();
  }

  private RpcConnection connect(RpcEvents events) throws FabricException {
    return RpcConnection.connect(
        clientFabric,
        server.address(),
        SECRET,
        SELF,
        SETTINGS,
        events,
        new LossNotice(),
        TIMEOUT_NS);
  }

  private static int closeSpace(MutableDirectBuffer buffer, MessageHeaderEncoder header, long id) {
    return new CloseSpaceEncoder()
        .wrapAndApplyHeader(buffer, 0, header)
        .correlationId(id)
        .spaceId(5)
        .encodedLength();
  }

  private static int openSpace(MutableDirectBuffer buffer, MessageHeaderEncoder header, long id) {
    return new OpenSpaceEncoder()
        .wrapAndApplyHeader(buffer, 0, header)
        .correlationId(id)
        .spaceId(5)
        .encodedLength();
  }

  private static CallResult ask(RpcConnection connection) {
    return connection.call(DoneDecoder.TEMPLATE_ID, RpcTest::closeSpace, TIMEOUT_NS);
  }

  private static void eventually(Callable<Boolean> condition) {
    await().atMost(Duration.ofSeconds(30)).until(condition);
  }

  private void assertServes() throws FabricException {
    try (RpcConnection connection = connect(RpcEvents.NONE)) {
      assertInstanceOf(CallResult.Reply.class, ask(connection));
    }
  }

  @Test
  void shouldAnswerCallsInOrderOfTheirCallers() throws FabricException {
    try (RpcConnection connection = connect(RpcEvents.NONE)) {
      for (int i = 0; i < 1000; i++) {
        assertInstanceOf(CallResult.Reply.class, ask(connection));
      }
    }
    eventually(() -> ended.get() == 1);
    assertEquals(1, joined.get());
  }

  @Test
  void shouldEndACallAtItsDeadlineAndCloseTheConnection() throws FabricException {
    try (RpcConnection connection = connect(new Counting())) {
      CallResult late = connection.call(DoneDecoder.TEMPLATE_ID, RpcTest::openSpace, 200_000_000L);
      assertEquals(new CallResult.TimedOut(200_000_000L), late);
      assertEquals(1, deadlines.get());
      assertInstanceOf(CallResult.Disconnected.class, ask(connection));
    }
  }

  @Test
  void shouldNameBackPressureWhenTooManyCallsArePending() throws Exception {
    try (RpcConnection connection = connect(RpcEvents.NONE)) {
      CountDownLatch calling = new CountDownLatch(SETTINGS.pendingCallsMax());
      for (int i = 0; i < SETTINGS.pendingCallsMax(); i++) {
        Thread.ofPlatform()
            .daemon()
            .start(() ->
                connection.call(
                    DoneDecoder.TEMPLATE_ID,
                    (buffer, header, id) -> {
                      calling.countDown();
                      return openSpace(buffer, header, id);
                    },
                    TIMEOUT_NS));
      }
      assertTrue(calling.await(30, TimeUnit.SECONDS));
      assertEquals(
          new CallResult.BackPressure(SETTINGS.pendingCallsMax()),
          connection.call(DoneDecoder.TEMPLATE_ID, RpcTest::closeSpace, 50_000_000L));
      hold.countDown();
      assertInstanceOf(CallResult.Reply.class, ask(connection));
    }
  }

  @Test
  void shouldTellCallersWhenTheServerEnds() throws Exception {
    try (RpcConnection connection = connect(RpcEvents.NONE)) {
      CompletableFuture<CallResult> waiting =
          CompletableFuture.supplyAsync(
              () -> connection.call(DoneDecoder.TEMPLATE_ID, RpcTest::openSpace, TIMEOUT_NS));
      eventually(() -> joined.get() == 1);
      serverFabric.close();
      assertInstanceOf(CallResult.Disconnected.class, waiting.get(30, TimeUnit.SECONDS));
    }
  }

  @Test
  void shouldAnswerNothingBeforeThePeerHasJoined() throws FabricException {
    try (RawPeer peer = new RawPeer(clientFabric, server.address())) {
      assertTrue(peer.send(1, RpcTest::closeSpace));
      assertEquals(MessageChannel.BROKEN, peer.receive());
    }
    eventually(() -> failedJoins.get() == 1);
    assertEquals(0, joined.get());
    assertServes();
  }

  @Test
  void shouldCloseAPeerThatStopsInTheMiddleOfJoining() throws FabricException {
    try (RpcServer hasty = serve(HASTY);
        RawPeer peer = new RawPeer(clientFabric, hasty.address())) {
      assertEquals(MessageChannel.BROKEN, peer.receive());
      eventually(() -> failedJoins.get() == 1);
    }
  }

  @Test
  void shouldCloseAPeerWithAnotherSecret() throws FabricException {
    try (RawPeer peer = new RawPeer(clientFabric, server.address())) {
      assertThrows(ProtocolViolation.class, () -> peer.join(Secret.of("a wrong secret"), SELF));
    }
    eventually(() -> failedJoins.get() == 1);
    assertServes();
  }

  @Test
  void shouldNotTrustAServerThatDoesNotKnowTheSecret() throws FabricException {
    try (RpcServer impostor =
        RpcServer.start(
            serverFabric,
            new FabricAddress("localhost", 0),
            Secret.of("a wrong secret"),
            SETTINGS,
            RpcEvents.NONE,
            _ -> new Service())) {
      assertThrows(
          FabricException.class,
          () ->
              RpcConnection.connect(
                  clientFabric,
                  impostor.address(),
                  SECRET,
                  SELF,
                  SETTINGS,
                  RpcEvents.NONE,
                  new LossNotice(),
                  TIMEOUT_NS));
    }
  }

  @Test
  void shouldGiveUpOnAServerThatAcceptsAndSaysNothing() throws Exception {
    try (Listener silent = serverFabric.listen(new FabricAddress("localhost", 0));
        MessageChannel channel = MessageChannel.open(serverFabric, SETTINGS)) {
      Thread.ofPlatform()
          .daemon()
          .start(() -> {
            try {
              channel.attach(silent.accept(TIMEOUT_NS).accept(channel.config(SETTINGS)));
            } catch (FabricException e) {
              throw new IllegalStateException(e);
            }
          });
      FabricException late =
          assertThrows(
              FabricException.class,
              () ->
                  RpcConnection.connect(
                      clientFabric,
                      silent.address(),
                      SECRET,
                      SELF,
                      SETTINGS,
                      RpcEvents.NONE,
                      new LossNotice(),
                      500_000_000L));
      assertTrue(late.getMessage().contains("did not join within"), late.getMessage());
    }
  }

  @Test
  void shouldRefuseMoreConnectionsThanItsLimit() throws FabricException {
    RpcConnection[] open = new RpcConnection[SETTINGS.connectionsMax()];
    for (int i = 0; i < open.length; i++) {
      open[i] = connect(RpcEvents.NONE);
    }
    FabricException refused = assertThrows(FabricException.class, () -> connect(RpcEvents.NONE));
    assertTrue(refused.getMessage().contains("too many"), refused.getMessage());
    Arrays.stream(open).forEach(RpcConnection::close);
    eventually(() -> ended.get() == open.length);
    eventually(() -> {
      assertServes();
      return true;
    });
  }

  private void shouldReject(byte[] bytes) throws Exception {
    int before = rejected.get();
    try (RawPeer peer = new RawPeer(clientFabric, server.address()).join(SECRET, SELF)) {
      assertTrue(peer.send(bytes));
      assertEquals(MessageChannel.BROKEN, peer.receive());
    }
    eventually(() -> rejected.get() == before + 1);
    assertServes();
  }

  private static byte[] message(MessageEncoder encoder, long id) {
    byte[] bytes = new byte[4096];
    int length = 8 + encoder.encode(new UnsafeBuffer(bytes), new MessageHeaderEncoder(), id);
    return Arrays.copyOf(bytes, length);
  }

  @Test
  void shouldRejectNoise() throws Exception {
    byte[] noise = new byte[100];
    Arrays.fill(noise, (byte) 0xA5);
    shouldReject(noise);
  }

  @Test
  void shouldRejectAShortMessage() throws Exception {
    shouldReject(new byte[9]);
  }

  @Test
  void shouldRejectACutMessage() throws Exception {
    byte[] whole = message(RpcTest::closeSpace, 1);
    shouldReject(Arrays.copyOf(whole, whole.length - 1));
  }

  @Test
  void shouldRejectAnOversizedMessage() throws Exception {
    shouldReject(new byte[SETTINGS.messageBytesMax() + 1]);
  }

  @Test
  void shouldRejectAnUnknownMessage() throws Exception {
    byte[] whole = message(RpcTest::closeSpace, 1);
    whole[2] = (byte) 0xEE;
    shouldReject(whole);
  }

  @Test
  void shouldRejectAnAnswerToNoCall() throws Exception {
    shouldReject(
        message(
            (buffer, header, id) -> {
              DoneEncoder done = new DoneEncoder().wrapAndApplyHeader(buffer, 0, header);
              done.correlationId(id).outcome(Outcome.OK).reason("");
              return done.encodedLength();
            },
            99));
  }

  @Test
  void shouldCloseCleanlyWhenBothSidesCloseAtOnce() throws Exception {
    List<Throwable> uncaught = new CopyOnWriteArrayList<>();
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler((_, e) -> uncaught.add(e));
    try {
      for (int i = 1; i <= 30; i++) {
        int closed = i;
        RpcConnection connection = connect(RpcEvents.NONE);
        Thread other = Thread.ofPlatform().start(connection::close);
        connection.close();
        other.join();
        eventually(() -> ended.get() == closed);
      }
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
    assertEquals(List.of(), uncaught);
  }

  @Test
  void shouldLeaveNoDescriptorAndNoMappingBehind() throws Exception {
    assertServes();
    eventually(() -> ended.get() == 1);
    long before = descriptors();
    for (int i = 0; i < 20; i++) {
      assertServes();
      shouldReject(new byte[64]);
    }
    eventually(() -> descriptors() <= before);
  }

  private static long descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"));
        Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      return open.count() + maps.filter(line -> line.contains("memfd:lego")).count();
    }
  }
}
