package io.splitkernel.protocol.rpc;

/** What one side of a connection does with messages of its peer. Called on one thread. */
public interface MessageHandler {
  /**
   * A request or a notice. A request must be answered with {@link RpcConnection#reply}, before this
   * returns or later by another thread.
   *
   * @param message valid until this returns.
   * @param from for answers.
   * @throws ProtocolViolation when this message is not acceptable here and now; the connection is
   *     closed and the message counted.
   */
  void onMessage(Message message, RpcConnection from) throws ProtocolViolation;

  /**
   * What this side has under way beside messages; asked for once, before the first message.
   *
   * @return null for nothing.
   */
  default ConnectionWork work() {
    return null;
  }

  /**
   * The connection has ended. Called once, after the last message.
   *
   * @param from the connection.
   * @param reason one line.
   */
  void onClosed(RpcConnection from, String reason);
}
