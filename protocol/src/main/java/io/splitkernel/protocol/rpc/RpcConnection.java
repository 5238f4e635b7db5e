package io.splitkernel.protocol.rpc;

import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.sbe.DoneDecoder;
import io.splitkernel.protocol.sbe.Outcome;
import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A joined connection that carries calls and notices in both directions. One thread receives,
 * completes calls and runs the {@link MessageHandler}; any other thread may call.
 */
public final class RpcConnection implements AutoCloseable {
  private static final long CLOSE_TIMEOUT_MS = 5_000;
  private static final long IDLE_NS = 3_600_000_000_000L;

  private final MessageChannel channel;
  private final RpcSettings settings;
  private final RpcEvents events;
  private final NodeIdentity peer;
  private final Map<Long, PendingCall> pending = new ConcurrentHashMap<>();
  private final Semaphore permits;
  private final AtomicLong nextCorrelationId = new AtomicLong();
  private final AtomicReference<String> closeReason = new AtomicReference<>();
  private volatile Thread receiver;

  private record PendingCall(int replyTemplateId, CompletableFuture<CallResult> result) {}

  RpcConnection(MessageChannel channel, RpcSettings settings, RpcEvents events, NodeIdentity peer) {
    this.channel = channel;
    this.settings = settings;
    this.events = events;
    this.peer = peer;
    this.permits = new Semaphore(settings.pendingCallsMax());
  }

  /**
   * Connects and joins.
   *
   * @param fabric of this process.
   * @param address where a server listens.
   * @param secret of the cluster.
   * @param self who connects.
   * @param settings limits.
   * @param events what to count.
   * @param handler of what the server asks and tells.
   * @param timeoutNs longest time for connecting and joining together.
   * @return the joined connection.
   * @throws FabricException when unreachable, too late, or the secrets differ.
   */
  public static RpcConnection connect(
      Fabric fabric,
      FabricAddress address,
      Secret secret,
      NodeIdentity self,
      RpcSettings settings,
      RpcEvents events,
      MessageHandler handler,
      long timeoutNs)
      throws FabricException {
    long startNs = System.nanoTime();
    MessageChannel channel = MessageChannel.open(fabric, settings);
    boolean joined = false;
    try {
      byte[] preamble = ConnectionPreamble.control().encode();
      channel.attach(fabric.connect(address, channel.config(settings), preamble, timeoutNs));
      new JoinHandshake(
              channel, secret, new SecureRandom(), settings.messageBytesMax(), startNs, timeoutNs)
          .connect(self);
      joined = true;
    } catch (ProtocolViolation e) {
      events.onJoinFailed(e.getMessage());
      throw new FabricException("join(" + address + "): " + e.getMessage(), e);
    } finally {
      if (!joined) {
        channel.close();
      }
    }
    NodeIdentity server = new NodeIdentity(0, self.role(), address.toString());
    RpcConnection connection = new RpcConnection(channel, settings, events, server);
    connection.receiver =
        Thread.ofPlatform()
            .daemon()
            .name("rpc-" + address)
            .unstarted(() -> connection.run(handler));
    connection.receiver.start();
    return connection;
  }

  /**
   * Who is at the other end; of a server only the name is meaningful, its address.
   *
   * @return the peer.
   */
  public NodeIdentity peer() {
    return peer;
  }

  /**
   * What carries the messages; keys that the peer is given are good on connections of its provider.
   *
   * @return the connection, which stays this object's.
   */
  public Connection carrier() {
    return channel.connection();
  }

  /**
   * Calls the peer and waits for its answer.
   *
   * @param replyTemplateId which message answers; a {@code Done} with another outcome than OK, or
   *     when it is not what was asked for, ends as {@link CallResult.Refused}.
   * @param encoder writes the request.
   * @param timeoutNs deadline, from now.
   * @return how it ended.
   */
  public CallResult call(int replyTemplateId, MessageEncoder encoder, long timeoutNs) {
    if (Thread.currentThread() == receiver) {
      throw new IllegalStateException("a handler must not call on its own connection");
    }
    long startNs = System.nanoTime();
    try {
      if (!permits.tryAcquire(timeoutNs, TimeUnit.NANOSECONDS)) {
        return new CallResult.BackPressure(settings.pendingCallsMax());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new CallResult.Disconnected("interrupted");
    }
    try {
      return callNow(replyTemplateId, encoder, timeoutNs, startNs);
    } finally {
      permits.release();
    }
  }

  private CallResult callNow(
      int replyTemplateId, MessageEncoder encoder, long timeoutNs, long startNs) {
    long id = nextCorrelationId.incrementAndGet();
    PendingCall call = new PendingCall(replyTemplateId, new CompletableFuture<>());
    pending.put(id, call);
    try {
      boolean sent = closeReason.get() == null && channel.send(encoder, id, timeoutNs);
      String reason = closeReason.get();
      if (reason != null) {
        return new CallResult.Disconnected(reason);
      }
      if (!sent && channel.connection().state() == Connection.State.CONNECTED) {
        return new CallResult.BackPressure(settings.sendDepth());
      }
      long remaining = Math.max(0, timeoutNs - (System.nanoTime() - startNs));
      return call.result().get(remaining, TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      String reason = "no answer from " + peer.name() + " within " + timeoutNs / 1_000_000 + " ms";
      if (fail(reason)) {
        events.onDeadlineMissed(reason);
      }
      return new CallResult.TimedOut(timeoutNs);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      fail("interrupted in the middle of a call");
      return new CallResult.Disconnected("interrupted");
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } finally {
      pending.remove(id);
    }
  }

  /**
   * Answers a request. Any thread; never blocks.
   *
   * @param correlationId of the request.
   * @param encoder writes the answer.
   */
  public void reply(long correlationId, MessageEncoder encoder) {
    if (!channel.send(encoder, correlationId, 0) && closeReason.get() == null) {
      String reason = peer.name() + " does not take its answers";
      if (channel.connection().state() == Connection.State.CONNECTED && fail(reason)) {
        events.onDeadlineMissed(reason);
      }
    }
  }

  /**
   * Tells the peer something. Any thread; never blocks.
   *
   * @param encoder writes the notice.
   * @return false when the peer takes nothing now or is gone.
   */
  public boolean tell(MessageEncoder encoder) {
    return closeReason.get() == null && channel.send(encoder, 0, 0);
  }

  /**
   * Whether calls can still succeed. Any thread.
   *
   * @return false once closed or broken.
   */
  public boolean isOpen() {
    return closeReason.get() == null;
  }

  /** The receiving thread. */
  void run(MessageHandler handler) {
    receiver = Thread.currentThread();
    byte[] bytes = new byte[settings.messageBytesMax()];
    MessageGate gate = new MessageGate();
    try {
      while (closeReason.get() == null) {
        int length = channel.receive(bytes, IDLE_NS);
        switch (length) {
          case MessageChannel.TIMED_OUT -> {}
          case MessageChannel.BROKEN -> fail(brokenReason());
          case MessageChannel.OVERSIZED ->
              throw new ProtocolViolation(
                  "a message of more than " + settings.messageBytesMax() + " bytes");
          default -> dispatch(gate.check(bytes, length), handler);
        }
      }
    } catch (ProtocolViolation | RuntimeException e) {
      String reason = peer.name() + ": " + (e.getMessage() == null ? e : e.getMessage());
      if (fail(reason)) {
        events.onMessageRejected(reason);
      }
    } finally {
      finish(handler);
    }
  }

  private String brokenReason() {
    return peer.name() + " is gone: " + channel.brokenReason();
  }

  private void dispatch(Message message, MessageHandler handler) throws ProtocolViolation {
    if (!message.isReply()) {
      handler.onMessage(message, this);
      return;
    }
    PendingCall call = pending.remove(message.correlationId());
    if (call == null) {
      if (closeReason.get() == null) {
        throw new ProtocolViolation("message " + message.templateId() + " answers no call");
      }
      return;
    }
    call.result().complete(result(message, call.replyTemplateId()));
  }

  private static CallResult result(Message message, int expected) throws ProtocolViolation {
    int templateId = message.templateId();
    if (templateId == DoneDecoder.TEMPLATE_ID) {
      DoneDecoder done = new DoneDecoder();
      done.wrapAndApplyHeader(message.buffer(), 0, message.header());
      if (done.outcome() != Outcome.OK || expected != templateId) {
        return new CallResult.Refused(done.outcome(), done.reason());
      }
    } else if (templateId != expected) {
      throw new ProtocolViolation("message " + templateId + " answers a call for " + expected);
    }
    byte[] copy = new byte[message.buffer().capacity()];
    message.buffer().getBytes(0, copy);
    return new CallResult.Reply(
        new Message(templateId, message.correlationId(), new UnsafeBuffer(copy)));
  }

  private boolean fail(String reason) {
    boolean first = closeReason.compareAndSet(null, reason);
    channel.disconnect();
    return first;
  }

  private void finish(MessageHandler handler) {
    fail("closed");
    String reason = closeReason.get();
    try {
      handler.onClosed(this, reason);
    } finally {
      pending.values().forEach(c -> c.result().complete(new CallResult.Disconnected(reason)));
      channel.close();
    }
  }

  /** Ends the connection and waits, up to 5 s, until its thread has. Any thread; idempotent. */
  @Override
  public void close() {
    fail("closed by this side");
    Thread thread = receiver;
    if (thread != null && thread != Thread.currentThread()) {
      try {
        thread.join(CLOSE_TIMEOUT_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
