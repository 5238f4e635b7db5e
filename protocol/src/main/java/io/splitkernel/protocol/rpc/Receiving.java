package io.splitkernel.protocol.rpc;

import java.util.concurrent.locks.LockSupport;

/** Takes the messages of a connection: whoever has its {@link ReceiveTurn} does. */
final class Receiving {
  private static final long IDLE_NS = 3_600_000_000_000L;

  /** After which a caller that receives looks whether it was interrupted; 100 ms. */
  private static final long CALLER_TURN_NS = 100_000_000L;

  /** A wait that ends so much later than it should was none: the process was stopped. */
  private static final long STOPPED_NS = 200_000_000L;

  private final RpcConnection connection;
  private final MessageChannel channel;
  private final PendingCalls pending;
  private final ReceiveTurn turn = new ReceiveTurn();

  /** Of whoever has the turn, as are the gate and what a caller has left for the handler. */
  private final byte[] bytes;

  private final MessageGate gate = new MessageGate();
  private Message forHandler;

  Receiving(
      RpcConnection connection, MessageChannel channel, int messageBytesMax, PendingCalls pending) {
    this.connection = connection;
    this.channel = channel;
    this.bytes = new byte[messageBytesMax];
    this.pending = pending;
  }

  /** The own thread looks whether the connection has ended. Any thread. */
  void wakeUp() {
    turn.wakeOwn();
  }

  /**
   * The connection's own thread, until the connection has ended. No caller receives any more when
   * this returns, so that what it takes can be freed.
   */
  void run(MessageHandler handler) {
    turn.own(Thread.currentThread());
    try (WorkWait work = channel.waitWith(handler.work())) {
      boolean mine = true;
      while (connection.isOpen()) {
        if (mine) {
          receiveUntilAnswered(handler, work);
          mine = false;
        } else {
          mine = turn.comeBack();
        }
      }
    } catch (ProtocolViolation | RuntimeException e) {
      connection.reject(e);
    } finally {
      connection.fail("closed");
      turn.takeForGood();
    }
  }

  /**
   * Own thread: receives until calls of this side were answered and nothing more is there. More
   * calls are likely then, and whoever makes them can receive, without this thread in between.
   */
  private void receiveUntilAnswered(MessageHandler handler, WorkWait work)
      throws ProtocolViolation {
    if (forHandler != null) {
      Message message = forHandler;
      forHandler = null;
      handler.onMessage(message, connection);
    }
    boolean answered = false;
    while (connection.isOpen()) {
      Message message = receive(answered ? 0 : IDLE_NS, work);
      if (message == null && answered) {
        turn.stepBack();
        pending.wakeOne();
        return;
      }
      if (message != null && message.isReply()) {
        answered(message);
        answered = true;
      } else if (message != null) {
        handler.onMessage(message, connection);
        if (work != null) {
          work.onMessage();
        }
      }
    }
  }

  /**
   * A caller waits for its answer, and receives while nobody else does. Time in which this process
   * was stopped does not count: the answer lies there, or comes, once it runs again.
   *
   * @param call of the current thread.
   * @param startNs when the time began.
   * @param timeoutNs longest time.
   * @return how the call ended; null when it has not in time.
   */
  CallResult await(PendingCalls.Call call, long startNs, long timeoutNs)
      throws InterruptedException {
    long beganNs = startNs;
    long lookedNs = System.nanoTime();
    while (call.result() == null) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      long left = timeoutNs - (lookedNs - beganNs);
      if (left <= 0) {
        return null;
      }
      long turnNs = Math.min(left, CALLER_TURN_NS);
      if (turn.tryTake()) {
        receiveFor(call, turnNs);
      } else {
        LockSupport.parkNanos(this, turnNs);
      }
      long nowNs = System.nanoTime();
      long lateNs = nowNs - lookedNs - turnNs;
      beganNs += lateNs > STOPPED_NS ? lateNs : 0;
      lookedNs = nowNs;
    }
    return call.result();
  }

  /** A caller that has the turn receives until its call has ended, for a time. */
  private void receiveFor(PendingCalls.Call call, long timeoutNs) {
    long startNs = System.nanoTime();
    try {
      long left = timeoutNs;
      while (call.result() == null && forHandler == null && connection.isOpen() && left > 0) {
        Message message = receive(left, null);
        if (message != null && message.isReply()) {
          answered(message);
        } else if (message != null) {
          forHandler = message.copy();
        }
        left = timeoutNs - (System.nanoTime() - startNs);
      }
    } catch (ProtocolViolation | RuntimeException e) {
      connection.reject(e);
    } finally {
      passOn();
    }
  }

  /** Ends a caller's turn. Somebody who waits has the next one, or the own thread. */
  private void passOn() {
    boolean toOwn = forHandler != null || !connection.isOpen();
    boolean leftovers = channel.hasLeftovers();
    turn.leave(toOwn);
    if (!toOwn && !pending.wakeOne() && leftovers) {
      turn.wakeOwn();
    }
  }

  /** The next message, which lies in {@link #bytes}; null when there is none in time, or at all. */
  private Message receive(long timeoutNs, WorkWait work) throws ProtocolViolation {
    int length = channel.receive(bytes, timeoutNs, work);
    switch (length) {
      case MessageChannel.TIMED_OUT -> {}
      case MessageChannel.BROKEN ->
          connection.fail(connection.peer().name() + " is gone: " + channel.brokenReason());
      case MessageChannel.OVERSIZED ->
          throw new ProtocolViolation("a message of more than " + bytes.length + " bytes");
      default -> {
        return gate.check(bytes, length);
      }
    }
    return null;
  }

  private void answered(Message message) throws ProtocolViolation {
    if (!pending.answer(message) && connection.isOpen()) {
      throw new ProtocolViolation("message " + message.templateId() + " answers no call");
    }
  }
}
