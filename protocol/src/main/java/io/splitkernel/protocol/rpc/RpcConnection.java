package io.splitkernel.protocol.rpc;

import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.Secret;
import java.security.SecureRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A joined connection that carries calls and notices in both directions. Any thread may call, but
 * for the connection's own one, which runs the {@link MessageHandler} and receives. Callers that
 * wait for an answer receive in its place, see {@link ReceiveTurn}, and hand it what is no answer.
 */
public final class RpcConnection implements AutoCloseable {
  private static final long CLOSE_TIMEOUT_MS = 5_000;
  private final MessageChannel channel;
  private final RpcSettings settings;
  private final RpcEvents events;
  private final NodeIdentity peer;
  private final PendingCalls pending = new PendingCalls();
  private final Semaphore permits;
  private final AtomicReference<String> closeReason = new AtomicReference<>();
  private final Receiving receiving;
  private volatile Thread receiver;

  RpcConnection(MessageChannel channel, RpcSettings settings, RpcEvents events, NodeIdentity peer) {
    this.channel = channel;
    this.settings = settings;
    this.events = events;
    this.peer = peer;
    this.permits = new Semaphore(settings.pendingCallsMax());
    this.receiving = new Receiving(this, channel, settings.messageBytesMax(), pending);
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
    long id = pending.nextId();
    PendingCalls.Call call = pending.add(id, replyTemplateId);
    try {
      boolean sent = closeReason.get() == null && channel.send(encoder, id, timeoutNs);
      String reason = closeReason.get();
      if (reason != null) {
        return new CallResult.Disconnected(reason);
      }
      if (!sent && channel.connection().state() == Connection.State.CONNECTED) {
        return new CallResult.BackPressure(settings.sendDepth());
      }
      CallResult result = receiving.await(call, startNs, timeoutNs);
      return result == null ? tooLate(timeoutNs) : result;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      fail("interrupted in the middle of a call");
      return new CallResult.Disconnected("interrupted");
    } finally {
      pending.remove(id);
    }
  }

  private CallResult tooLate(long timeoutNs) {
    String reason = "no answer from " + peer.name() + " within " + timeoutNs / 1_000_000 + " ms";
    if (fail(reason)) {
      events.onDeadlineMissed(reason);
    }
    return new CallResult.TimedOut(timeoutNs);
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

  /** The connection's own thread. */
  void run(MessageHandler handler) {
    receiver = Thread.currentThread();
    try {
      receiving.run(handler);
    } finally {
      finish(handler);
    }
  }

  /** Ends the connection because of what the peer has sent, or of what handling it has thrown. */
  void reject(Exception e) {
    String reason = peer.name() + ": " + (e.getMessage() == null ? e : e.getMessage());
    if (fail(reason)) {
      events.onMessageRejected(reason);
    }
  }

  /** Ends the connection; false when it had ended before. Any thread. */
  boolean fail(String reason) {
    boolean first = closeReason.compareAndSet(null, reason);
    channel.disconnect();
    receiving.wakeUp();
    return first;
  }

  private void finish(MessageHandler handler) {
    String reason = closeReason.get();
    try {
      handler.onClosed(this, reason);
    } finally {
      pending.endAll(new CallResult.Disconnected(reason));
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
