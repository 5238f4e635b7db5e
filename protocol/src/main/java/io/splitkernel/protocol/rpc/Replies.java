package io.splitkernel.protocol.rpc;

import io.splitkernel.protocol.sbe.DoneEncoder;
import io.splitkernel.protocol.sbe.Outcome;

/** Answers that many requests share. */
public final class Replies {
  /** Longest reason that travels. */
  private static final int REASON_CHARS_MAX = 512;

  private Replies() {}

  /**
   * Answers a request with nothing but its outcome.
   *
   * @param connection that the request came on.
   * @param correlationId of the request.
   * @param outcome in one word.
   * @param reason in one line; empty when all is well.
   */
  public static void done(
      RpcConnection connection, long correlationId, Outcome outcome, String reason) {
    connection.reply(
        correlationId,
        (buffer, header, id) -> {
          DoneEncoder done = new DoneEncoder().wrapAndApplyHeader(buffer, 0, header);
          done.correlationId(id).outcome(outcome).reason(cut(reason));
          return done.encodedLength();
        });
  }

  /**
   * Shortens a reason to what travels.
   *
   * @param reason one line, or null.
   * @return up to 512 characters.
   */
  public static String cut(String reason) {
    if (reason == null) {
      return "";
    }
    return reason.length() <= REASON_CHARS_MAX ? reason : reason.substring(0, REASON_CHARS_MAX);
  }
}
