package io.splitkernel.protocol.rpc;

import java.util.function.Consumer;

/**
 * The handler of a connection whose peer only answers: it tells, once, that the peer is lost.
 * Thread-safe.
 */
public final class LossNotice implements MessageHandler {
  private Consumer<String> callback;
  private String reason;
  private boolean cancelled;

  /**
   * Sets what runs when the peer is lost; at once when it is already.
   *
   * @param onLost gets the reason in one line; must not block.
   */
  public void onLost(Consumer<String> onLost) {
    String now;
    synchronized (this) {
      callback = onLost;
      now = cancelled ? null : reason;
    }
    if (now != null) {
      onLost.accept(now);
    }
  }

  /** From now on the end of the connection is no loss. */
  public synchronized void cancel() {
    cancelled = true;
  }

  @Override
  public void onMessage(Message message, RpcConnection from) throws ProtocolViolation {
    throw ProtocolViolation.unexpected(message);
  }

  @Override
  public void onClosed(RpcConnection from, String why) {
    Consumer<String> now;
    synchronized (this) {
      reason = why;
      now = cancelled ? null : callback;
    }
    if (now != null) {
      now.accept(why);
    }
  }
}
