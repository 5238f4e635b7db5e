package io.splitkernel.protocol.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.shm.ShmConfig;
import io.splitkernel.fabric.shm.ShmFabric;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.sbe.CloseSpaceDecoder;
import io.splitkernel.protocol.sbe.CloseSpaceEncoder;
import io.splitkernel.protocol.sbe.DoneDecoder;
import io.splitkernel.protocol.sbe.MessageHeaderEncoder;
import io.splitkernel.protocol.sbe.OpenSpaceDecoder;
import io.splitkernel.protocol.sbe.OpenSpaceEncoder;
import io.splitkernel.protocol.sbe.Outcome;
import io.splitkernel.protocol.sbe.SpaceEndedEncoder;
import io.splitkernel.protocol.sbe.WelcomeEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.MutableDirectBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Callers receive in place of the connection's own thread. */
@Timeout(120)
final class CallerReceivesTest {
  private static final long TIMEOUT_NS = 30_000_000_000L;
  private static final Secret SECRET = Secret.of("a secret for tests");
  private static final NodeIdentity SELF = new NodeIdentity(3, NodeRole.PROCESSOR, "peer");
  private static final int NOTICES = 3;
  private static final long WRONG_ANSWER = 99;

  private final AtomicInteger notices = new AtomicInteger();
  private final Set<Thread> handlers = ConcurrentHashMap.newKeySet();
  private final CompletableFuture<String> closed = new CompletableFuture<>();
  private final CountDownLatch asked = new CountDownLatch(1);
  private ShmFabric serverFabric;
  private ShmFabric clientFabric;
  private RpcServer server;
  private RpcConnection connection;

  /** Tells a few things and answers CloseSpace; does not answer OpenSpace, but for one. */
  private final class Service implements MessageHandler {
    @Override
    public void onMessage(Message message, RpcConnection from) {
      if (message.templateId() == OpenSpaceDecoder.TEMPLATE_ID) {
        OpenSpaceDecoder open = new OpenSpaceDecoder();
        open.wrapAndApplyHeader(message.buffer(), 0, message.header());
        if (open.spaceId() == WRONG_ANSWER) {
          from.reply(message.correlationId(), CallerReceivesTest::welcome);
        }
        asked.countDown();
        return;
      }
      CloseSpaceDecoder close = new CloseSpaceDecoder();
      close.wrapAndApplyHeader(message.buffer(), 0, message.header());
      for (int i = 0; i < close.spaceId(); i++) {
        from.tell(CallerReceivesTest::spaceEnded);
      }
      Replies.done(from, message.correlationId(), Outcome.OK, "");
    }

    @Override
    public void onClosed(RpcConnection from, String reason) {}
  }

  private final class Handler implements MessageHandler {
    @Override
    public void onMessage(Message message, RpcConnection from) {
      handlers.add(Thread.currentThread());
      notices.incrementAndGet();
    }

    @Override
    public void onClosed(RpcConnection from, String reason) {
      closed.complete(reason);
    }
  }

  @BeforeEach
  void start() throws FabricException {
    serverFabric = ShmFabric.open(ShmConfig.defaults());
    clientFabric = ShmFabric.open(ShmConfig.defaults());
    FabricAddress anywhere = new FabricAddress("localhost", 0);
    server =
        RpcServer.start(
            serverFabric,
            anywhere,
            SECRET,
            RpcSettings.DEFAULT,
            RpcEvents.NONE,
            _ -> new Service());
    connection =
        RpcConnection.connect(
            clientFabric,
            server.address(),
            SECRET,
            SELF,
            RpcSettings.DEFAULT,
            RpcEvents.NONE,
            new Handler(),
            TIMEOUT_NS);
  }

  @AfterEach
  void stop() {
    connection.close();
    server.close();
    clientFabric.close();
    serverFabric.close();
  }

  private static int spaceEnded(MutableDirectBuffer buffer, MessageHeaderEncoder header, long id) {
    return new SpaceEndedEncoder()
        .wrapAndApplyHeader(buffer, 0, header)
        .correlationId(id)
        .spaceId(5)
        .encodedLength();
  }

  private CallResult ask(int noticesBefore) {
    return connection.call(
        DoneDecoder.TEMPLATE_ID,
        (buffer, header, id) ->
            new CloseSpaceEncoder()
                .wrapAndApplyHeader(buffer, 0, header)
                .correlationId(id)
                .spaceId(noticesBefore)
                .encodedLength(),
        TIMEOUT_NS);
  }

  private CallResult askInVain() {
    return askInVain(5);
  }

  private static int welcome(MutableDirectBuffer buffer, MessageHeaderEncoder header, long id) {
    WelcomeEncoder message = new WelcomeEncoder().wrapAndApplyHeader(buffer, 0, header);
    message.correlationId(id).putMac(new byte[Secret.MAC_BYTES], 0, Secret.MAC_BYTES);
    return message.encodedLength();
  }

  private CallResult askInVain(long spaceId) {
    return connection.call(
        DoneDecoder.TEMPLATE_ID,
        (buffer, header, id) ->
            new OpenSpaceEncoder()
                .wrapAndApplyHeader(buffer, 0, header)
                .correlationId(id)
                .spaceId(spaceId)
                .encodedLength(),
        TIMEOUT_NS);
  }

  @Test
  void shouldEndACallThatIsAnsweredByAnotherMessage() throws Exception {
    assertInstanceOf(CallResult.Reply.class, ask(0));
    assertInstanceOf(CallResult.Disconnected.class, askInVain(WRONG_ANSWER));
    assertTrue(closed.get(30, TimeUnit.SECONDS).contains("answers a call for"));
  }

  @Test
  void shouldHandleWhatWasToldBeforeAnAnswerBeforeThatAnswer() {
    for (int i = 1; i <= 2000; i++) {
      assertInstanceOf(CallResult.Reply.class, ask(NOTICES));
      assertEquals(i * NOTICES, notices.get());
    }
    assertEquals(1, handlers.size());
    assertFalse(handlers.contains(Thread.currentThread()));
  }

  @Test
  void shouldAnswerEveryCallOfManyThreads() throws Exception {
    int threads = 2 * RpcSettings.DEFAULT.pendingCallsMax();
    int calls = 500;
    AtomicInteger answered = new AtomicInteger();
    List<Thread> callers = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      int told = t % 4 == 0 ? 1 : 0;
      callers.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < calls; i++) {
                  if (ask(told) instanceof CallResult.Reply) {
                    answered.incrementAndGet();
                  }
                }
              }));
    }
    for (Thread caller : callers) {
      caller.join();
    }
    assertEquals(threads * calls, answered.get());
    assertEquals(threads / 4 * calls, notices.get());
    assertEquals(1, handlers.size());
  }

  @Test
  void shouldNoticeTheEndOfThePeerAfterTheLastCall() throws Exception {
    for (int i = 0; i < 100; i++) {
      assertInstanceOf(CallResult.Reply.class, ask(0));
    }
    serverFabric.close();
    closed.get(30, TimeUnit.SECONDS);
    assertInstanceOf(CallResult.Disconnected.class, ask(0));
  }

  @Test
  void shouldEndAllCallsWhenTheConnectionIsClosed() throws Exception {
    assertInstanceOf(CallResult.Reply.class, ask(0));
    List<CompletableFuture<CallResult>> waiting = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      CompletableFuture<CallResult> result = new CompletableFuture<>();
      waiting.add(result);
      Thread.ofPlatform().daemon().start(() -> result.complete(askInVain()));
    }
    assertTrue(asked.await(30, TimeUnit.SECONDS));
    connection.close();
    for (CompletableFuture<CallResult> result : waiting) {
      assertInstanceOf(CallResult.Disconnected.class, result.get(30, TimeUnit.SECONDS));
    }
    assertTrue(closed.isDone());
  }

  @Test
  void shouldEndACallThatIsInterrupted() throws Exception {
    assertInstanceOf(CallResult.Reply.class, ask(0));
    CompletableFuture<CallResult> result = new CompletableFuture<>();
    Thread caller = Thread.ofPlatform().daemon().start(() -> result.complete(askInVain()));
    assertTrue(asked.await(30, TimeUnit.SECONDS));
    caller.interrupt();
    assertEquals(new CallResult.Disconnected("interrupted"), result.get(30, TimeUnit.SECONDS));
    closed.get(30, TimeUnit.SECONDS);
  }
}
