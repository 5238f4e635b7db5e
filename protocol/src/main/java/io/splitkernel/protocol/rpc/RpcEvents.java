package io.splitkernel.protocol.rpc;

import io.splitkernel.protocol.NodeIdentity;

/** What a component counts about its connections. Called from any thread; must not block. */
public interface RpcEvents {
  /** Counts nothing. */
  RpcEvents NONE = new RpcEvents() {};

  /**
   * A peer has joined.
   *
   * @param peer who.
   * @param provider of the fabric that carries the connection.
   */
  default void onJoined(NodeIdentity peer, String provider) {}

  /**
   * A peer did not join: wrong secret, wrong messages, or too late.
   *
   * @param reason one line.
   */
  default void onJoinFailed(String reason) {}

  /**
   * A message was malformed, oversized, unknown or out of order; its connection is closed.
   *
   * @param reason one line.
   */
  default void onMessageRejected(String reason) {}

  /**
   * A peer did not answer, or did not take an answer, in time; its connection is closed.
   *
   * @param reason one line.
   */
  default void onDeadlineMissed(String reason) {}
}
