package io.splitkernel.scomponent.node;

import io.splitkernel.protocol.rpc.CallResult;
import io.splitkernel.protocol.rpc.Message;
import io.splitkernel.protocol.rpc.RpcConnection;
import io.splitkernel.protocol.sbe.OpenFilesEncoder;
import io.splitkernel.protocol.sbe.OpenFilesReplyDecoder;
import io.splitkernel.protocol.sbe.Outcome;

/** How a client of files begins, for tests that speak for one. */
record Handshake(Outcome outcome, long tokenHigh, long tokenLow) {
  /** Opens volume {@code v} for a client. */
  static Handshake of(RpcConnection connection, long clientId, long timeoutNs) {
    CallResult result =
        connection.call(
            OpenFilesReplyDecoder.TEMPLATE_ID,
            (buffer, header, id) ->
                new OpenFilesEncoder()
                    .wrapAndApplyHeader(buffer, 0, header)
                    .correlationId(id)
                    .clientId(clientId)
                    .epoch(0)
                    .volume("v")
                    .encodedLength(),
            timeoutNs);
    if (!(result instanceof CallResult.Reply(Message message))) {
      throw new AssertionError(result.failure());
    }
    OpenFilesReplyDecoder reply = new OpenFilesReplyDecoder();
    reply.wrapAndApplyHeader(message.buffer(), 0, message.header());
    return new Handshake(reply.outcome(), reply.tokenHigh(), reply.tokenLow());
  }
}
