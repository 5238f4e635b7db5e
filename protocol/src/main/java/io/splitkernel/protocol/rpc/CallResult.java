package io.splitkernel.protocol.rpc;

import io.splitkernel.protocol.sbe.Outcome;

/** How a call ended. */
public sealed interface CallResult {
  /**
   * Answered.
   *
   * @param message a copy that the caller owns.
   */
  record Reply(Message message) implements CallResult {}

  /**
   * The peer could not do it, and says why in general terms.
   *
   * @param outcome in one word.
   * @param reason one line.
   */
  record Refused(Outcome outcome, String reason) implements CallResult {}

  /**
   * Too many calls are pending: it was not sent.
   *
   * @param pendingCalls the limit that was reached.
   */
  record BackPressure(int pendingCalls) implements CallResult {}

  /**
   * No answer in time. The connection is closed, because its state is unknown now.
   *
   * @param timeoutNs the deadline.
   */
  record TimedOut(long timeoutNs) implements CallResult {}

  /**
   * The connection is closed or broken; whether the peer saw the call is unknown.
   *
   * @param reason one line.
   */
  record Disconnected(String reason) implements CallResult {}

  /**
   * One line for results other than {@link Reply}.
   *
   * @return why the call has no answer.
   */
  default String failure() {
    return switch (this) {
      case Reply reply -> "answered with message " + reply.message().templateId();
      case Refused refused -> refused.reason();
      case BackPressure pressure -> pressure.pendingCalls() + " calls are pending already";
      case TimedOut late -> "no answer within " + late.timeoutNs() / 1_000_000 + " ms";
      case Disconnected gone -> gone.reason();
    };
  }
}
