package io.splitkernel.mcomponent.node;

import io.splitkernel.mcomponent.pool.ExtentPool;
import io.splitkernel.mcomponent.space.ExtentOutcome;
import io.splitkernel.mcomponent.space.SpaceTable;
import io.splitkernel.mcomponent.space.VRegionLength;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.rpc.Message;
import io.splitkernel.protocol.rpc.MessageHandler;
import io.splitkernel.protocol.rpc.ProtocolViolation;
import io.splitkernel.protocol.rpc.Replies;
import io.splitkernel.protocol.rpc.RpcConnection;
import io.splitkernel.protocol.sbe.AllocateExtentsDecoder;
import io.splitkernel.protocol.sbe.AllocateExtentsReplyEncoder;
import io.splitkernel.protocol.sbe.CloseSpaceDecoder;
import io.splitkernel.protocol.sbe.OpenSpaceDecoder;
import io.splitkernel.protocol.sbe.OpenSpaceReplyEncoder;
import io.splitkernel.protocol.sbe.Outcome;
import io.splitkernel.protocol.sbe.ReleaseExtentsDecoder;
import java.nio.ByteBuffer;

/**
 * Answers one processor component's requests about its spaces. Lives on the connection's thread;
 * its end is the end of the spaces.
 */
final class SpaceRequests implements MessageHandler {
  private final SpaceTable spaces;
  private final ExtentPool pool;
  private final VRegionLength vRegion;
  private final int batchMax;

  SpaceRequests(SpaceTable spaces, ExtentPool pool, VRegionLength vRegion, int batchMax) {
    this.spaces = spaces;
    this.pool = pool;
    this.vRegion = vRegion;
    this.batchMax = batchMax;
  }

  @Override
  public void onMessage(Message message, RpcConnection from) throws ProtocolViolation {
    switch (message.templateId()) {
      case OpenSpaceDecoder.TEMPLATE_ID -> openSpace(message, from);
      case AllocateExtentsDecoder.TEMPLATE_ID -> allocateExtents(message, from);
      case ReleaseExtentsDecoder.TEMPLATE_ID -> releaseExtents(message, from);
      case CloseSpaceDecoder.TEMPLATE_ID -> closeSpace(message, from);
      default -> throw ProtocolViolation.unexpected(message);
    }
  }

  @Override
  public void onClosed(RpcConnection from, String reason) {
    spaces.closeAllOf(from, reason);
  }

  private void openSpace(Message message, RpcConnection from) throws ProtocolViolation {
    OpenSpaceDecoder request = new OpenSpaceDecoder();
    request.wrapAndApplyHeader(message.buffer(), 0, message.header());
    long spaceId = request.spaceId();
    if (NodeIdentity.nodeOf(spaceId) != from.peer().nodeId()) {
      throw new ProtocolViolation(
          "space 0x" + Long.toHexString(spaceId) + " is not of node " + from.peer().nodeId());
    }
    switch (spaces.open(spaceId, from, from.carrier())) {
      case SpaceTable.OpenOutcome.Opened(ByteBuffer token) ->
          replyOpen(message, from, Outcome.OK, token, "");
      case SpaceTable.OpenOutcome.AlreadyOpen _ ->
          replyOpen(message, from, Outcome.ALREADY_EXISTS, null, "open already");
      case SpaceTable.OpenOutcome.TooMany _ ->
          replyOpen(message, from, Outcome.NO_CAPACITY, null, "too many spaces");
      case SpaceTable.OpenOutcome.Failed(String reason) ->
          replyOpen(message, from, Outcome.FAILED, null, reason);
    }
  }

  private void replyOpen(
      Message message, RpcConnection from, Outcome outcome, ByteBuffer token, String reason) {
    from.reply(
        message.correlationId(),
        (buffer, header, id) -> {
          OpenSpaceReplyEncoder reply =
              new OpenSpaceReplyEncoder().wrapAndApplyHeader(buffer, 0, header);
          reply.correlationId(id).outcome(outcome);
          reply.tokenHigh(token == null ? 0 : token.getLong(0));
          reply.tokenLow(token == null ? 0 : token.getLong(Long.BYTES));
          reply.extentBytes(pool.extentBytes()).vRegionBytes(vRegion.bytes());
          reply.freeBytes(pool.freeBytes()).reason(Replies.cut(reason));
          return reply.encodedLength();
        });
  }

  private void allocateExtents(Message message, RpcConnection from) throws ProtocolViolation {
    AllocateExtentsDecoder request = new AllocateExtentsDecoder();
    request.wrapAndApplyHeader(message.buffer(), 0, message.header());
    long spaceId = request.spaceId();
    AllocateExtentsDecoder.WantedDecoder wanted = request.wanted();
    ExtentOutcome[] outcomes = new ExtentOutcome[bounded(wanted.count())];
    for (int i = 0; i < outcomes.length; i++) {
      outcomes[i] = spaces.allocate(spaceId, from, wanted.next().address());
    }
    from.reply(
        message.correlationId(),
        (buffer, header, id) -> {
          AllocateExtentsReplyEncoder reply =
              new AllocateExtentsReplyEncoder().wrapAndApplyHeader(buffer, 0, header);
          reply.correlationId(id).extentBytes(pool.extentBytes()).freeBytes(pool.freeBytes());
          AllocateExtentsReplyEncoder.GrantedEncoder granted = reply.grantedCount(outcomes.length);
          String reason = "";
          for (ExtentOutcome outcome : outcomes) {
            granted.next();
            if (outcome instanceof ExtentOutcome.Failed failed) {
              reason = failed.reason();
            }
            put(granted, outcome);
          }
          reply.reason(Replies.cut(reason));
          return reply.encodedLength();
        });
  }

  private static void put(AllocateExtentsReplyEncoder.GrantedEncoder entry, ExtentOutcome outcome) {
    switch (outcome) {
      case ExtentOutcome.Granted(long extentAddress, int rkey) ->
          entry.outcome(Outcome.OK).extentAddress(extentAddress).rkey(rkey);
      case ExtentOutcome.NoCapacity _ ->
          entry.outcome(Outcome.NO_CAPACITY).extentAddress(0).rkey(0);
      case ExtentOutcome.WrongOwner _ ->
          entry.outcome(Outcome.WRONG_OWNER).extentAddress(0).rkey(0);
      case ExtentOutcome.Failed _ -> entry.outcome(Outcome.FAILED).extentAddress(0).rkey(0);
    }
  }

  private void releaseExtents(Message message, RpcConnection from) throws ProtocolViolation {
    ReleaseExtentsDecoder request = new ReleaseExtentsDecoder();
    request.wrapAndApplyHeader(message.buffer(), 0, message.header());
    long spaceId = request.spaceId();
    ReleaseExtentsDecoder.ReleasedDecoder released = request.released();
    boolean open = true;
    for (int i = bounded(released.count()); i > 0; i--) {
      open &= spaces.release(spaceId, from, released.next().address());
    }
    done(message, from, open);
  }

  private void closeSpace(Message message, RpcConnection from) {
    CloseSpaceDecoder request = new CloseSpaceDecoder();
    request.wrapAndApplyHeader(message.buffer(), 0, message.header());
    done(message, from, spaces.close(request.spaceId(), from));
  }

  private static void done(Message message, RpcConnection from, boolean open) {
    Replies.done(
        from,
        message.correlationId(),
        open ? Outcome.OK : Outcome.UNKNOWN,
        open ? "" : "the space is not open on this connection");
  }

  private int bounded(int count) throws ProtocolViolation {
    if (count < 1 || count > batchMax) {
      throw new ProtocolViolation("a batch of " + count + " is not in 1.." + batchMax);
    }
    return count;
  }
}
