package io.splitkernel.protocol.memory;

import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.rpc.CallResult;
import io.splitkernel.protocol.rpc.ConnectionPreamble;
import io.splitkernel.protocol.rpc.LossNotice;
import io.splitkernel.protocol.rpc.Message;
import io.splitkernel.protocol.rpc.RpcConnection;
import io.splitkernel.protocol.rpc.RpcEvents;
import io.splitkernel.protocol.rpc.RpcSettings;
import io.splitkernel.protocol.sbe.AllocateExtentsEncoder;
import io.splitkernel.protocol.sbe.AllocateExtentsReplyDecoder;
import io.splitkernel.protocol.sbe.CloseSpaceEncoder;
import io.splitkernel.protocol.sbe.DoneDecoder;
import io.splitkernel.protocol.sbe.OpenSpaceEncoder;
import io.splitkernel.protocol.sbe.OpenSpaceReplyDecoder;
import io.splitkernel.protocol.sbe.Outcome;
import io.splitkernel.protocol.sbe.ReleaseExtentsEncoder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * A processor component's control connection to one memory component. Spaces live as long as it:
 * when it ends, by {@link #close} or by the death of either side, the component frees everything of
 * the spaces that were opened on it. Blocking calls with deadlines; any control thread.
 */
public final class MemoryClient implements AutoCloseable {
  private final Fabric fabric;
  private final FabricAddress address;
  private final long timeoutNs;
  private final RpcConnection rpc;
  private final LossNotice loss;
  private final int batchMax;
  private final Map<Long, SpaceToken> tokens = new ConcurrentHashMap<>();

  /** What opens data connections into a space. */
  private record SpaceToken(long high, long low) {
    @Override
    public String toString() {
      return "SpaceToken[hidden]";
    }
  }

  private MemoryClient(
      Fabric fabric,
      FabricAddress address,
      long timeoutNs,
      RpcConnection rpc,
      LossNotice loss,
      int batchMax) {
    this.fabric = fabric;
    this.address = address;
    this.timeoutNs = timeoutNs;
    this.rpc = rpc;
    this.loss = loss;
    this.batchMax = batchMax;
  }

  /**
   * Connects and joins.
   *
   * @param fabric of this process; stays the caller's.
   * @param address where the memory component listens.
   * @param secret of the cluster.
   * @param identity of this node; spaces must carry its node id.
   * @param timeoutNs longest time for connecting and joining, and the deadline of every later call.
   * @return the client.
   * @throws FabricException when unreachable, too late, or the secrets differ.
   */
  public static MemoryClient connect(
      Fabric fabric, FabricAddress address, Secret secret, NodeIdentity identity, long timeoutNs)
      throws FabricException {
    RpcSettings settings = RpcSettings.DEFAULT;
    LossNotice loss = new LossNotice();
    RpcConnection rpc =
        RpcConnection.connect(
            fabric, address, secret, identity, settings, RpcEvents.NONE, loss, timeoutNs);
    return new MemoryClient(fabric, address, timeoutNs, rpc, loss, settings.batchMax());
  }

  /**
   * Opens an address space.
   *
   * @param spaceId with this node's id in its upper 32 bits.
   * @return the answer.
   */
  public OpenSpaceResult openSpace(long spaceId) {
    CallResult result =
        rpc.call(
            OpenSpaceReplyDecoder.TEMPLATE_ID,
            (buffer, header, id) ->
                new OpenSpaceEncoder()
                    .wrapAndApplyHeader(buffer, 0, header)
                    .correlationId(id)
                    .spaceId(spaceId)
                    .encodedLength(),
            timeoutNs);
    if (!(result instanceof CallResult.Reply(Message message))) {
      return new OpenSpaceResult.Failed(failure("openSpace", spaceId, result.failure()));
    }
    OpenSpaceReplyDecoder reply = new OpenSpaceReplyDecoder();
    reply.wrapAndApplyHeader(message.buffer(), 0, message.header());
    return switch (reply.outcome()) {
      case OK -> {
        tokens.put(spaceId, new SpaceToken(reply.tokenHigh(), reply.tokenLow()));
        yield new OpenSpaceResult.Granted(
            reply.extentBytes(), reply.vRegionBytes(), reply.freeBytes());
      }
      case ALREADY_EXISTS -> new OpenSpaceResult.AlreadyOpen();
      case NO_CAPACITY -> new OpenSpaceResult.NoCapacity(reply.freeBytes());
      default -> new OpenSpaceResult.Failed(failure("openSpace", spaceId, reply.reason()));
    };
  }

  /**
   * Gives the extent that contains an address, materialising it when it does not exist yet.
   *
   * @param spaceId of an open space.
   * @param address any address of the program.
   * @return the answer.
   */
  public ExtentResult allocateExtent(long spaceId, long address) {
    return allocateExtents(spaceId, address).getFirst();
  }

  /**
   * As {@link #allocateExtent} for several addresses with one message.
   *
   * @param spaceId of an open space.
   * @param addresses 1 to {@link #batchMax} addresses.
   * @return one answer per address, in order.
   */
  public List<ExtentResult> allocateExtents(long spaceId, long... addresses) {
    requireBatch(addresses.length);
    CallResult result =
        rpc.call(
            AllocateExtentsReplyDecoder.TEMPLATE_ID,
            (buffer, header, id) -> {
              AllocateExtentsEncoder request =
                  new AllocateExtentsEncoder().wrapAndApplyHeader(buffer, 0, header);
              request.correlationId(id).spaceId(spaceId);
              AllocateExtentsEncoder.WantedEncoder wanted = request.wantedCount(addresses.length);
              for (long wantedAddress : addresses) {
                wanted.next().address(wantedAddress);
              }
              return request.encodedLength();
            },
            timeoutNs);
    if (!(result instanceof CallResult.Reply(Message message))) {
      ExtentResult failed =
          new ExtentResult.Failed(failure("allocateExtents", spaceId, result.failure()));
      return Collections.nCopies(addresses.length, failed);
    }
    return extents(spaceId, addresses.length, message);
  }

  /**
   * Most addresses of one batch.
   *
   * @return the limit.
   */
  public int batchMax() {
    return batchMax;
  }

  /**
   * Frees extents: they are deregistered, and scrubbed before anything else uses their memory.
   *
   * @param spaceId of an open space.
   * @param extentAddresses 1 to {@link #batchMax} addresses in extents; one without extent is
   *     ignored.
   * @return the answer.
   */
  public ReleaseResult releaseExtents(long spaceId, long... extentAddresses) {
    requireBatch(extentAddresses.length);
    CallResult result =
        rpc.call(
            DoneDecoder.TEMPLATE_ID,
            (buffer, header, id) -> {
              ReleaseExtentsEncoder request =
                  new ReleaseExtentsEncoder().wrapAndApplyHeader(buffer, 0, header);
              request.correlationId(id).spaceId(spaceId);
              ReleaseExtentsEncoder.ReleasedEncoder released =
                  request.releasedCount(extentAddresses.length);
              for (long extentAddress : extentAddresses) {
                released.next().address(extentAddress);
              }
              return request.encodedLength();
            },
            timeoutNs);
    return released("releaseExtents", spaceId, result);
  }

  /**
   * Closes a space: its data connections are closed and its extents freed.
   *
   * @param spaceId of an open space.
   * @return the answer.
   */
  public ReleaseResult closeSpace(long spaceId) {
    tokens.remove(spaceId);
    CallResult result =
        rpc.call(
            DoneDecoder.TEMPLATE_ID,
            (buffer, header, id) ->
                new CloseSpaceEncoder()
                    .wrapAndApplyHeader(buffer, 0, header)
                    .correlationId(id)
                    .spaceId(spaceId)
                    .encodedLength(),
            timeoutNs);
    return released("closeSpace", spaceId, result);
  }

  /**
   * Opens a data connection into an open space; one-sided operations on it reach the space's
   * extents and nothing else.
   *
   * @param spaceId of an open space.
   * @param config queues of this end.
   * @param timeoutNs longest wait.
   * @return the connection, owned by the caller.
   * @throws FabricException when the space is not open here, or the component is unreachable,
   *     refuses, or is too late.
   */
  public Connection openData(long spaceId, ConnectionConfig config, long timeoutNs)
      throws FabricException {
    SpaceToken token = tokens.get(spaceId);
    if (token == null) {
      throw new FabricException(
          failure("openData", spaceId, "the space is not open on this connection"));
    }
    ConnectionPreamble preamble =
        new ConnectionPreamble(ConnectionPreamble.Kind.DATA, spaceId, token.high(), token.low());
    return fabric.connect(address, config, preamble.encode(), timeoutNs);
  }

  /**
   * Where the component listens.
   *
   * @return its address.
   */
  public FabricAddress address() {
    return address;
  }

  /**
   * Runs a callback once when the component is lost; at once when it already is. Not called for
   * {@link #close}.
   *
   * @param callback gets the reason in one line; must not block.
   */
  public void onLost(Consumer<String> callback) {
    loss.onLost(callback);
  }

  /** Ends the connection; the component frees every space of it. Idempotent. */
  @Override
  public void close() {
    loss.cancel();
    rpc.close();
  }

  private List<ExtentResult> extents(long spaceId, int count, Message message) {
    AllocateExtentsReplyDecoder reply = new AllocateExtentsReplyDecoder();
    reply.wrapAndApplyHeader(message.buffer(), 0, message.header());
    long extentBytes = reply.extentBytes();
    long freeBytes = reply.freeBytes();
    List<ExtentResult> results = new ArrayList<>(count);
    AllocateExtentsReplyDecoder.GrantedDecoder granted = reply.granted();
    while (granted.hasNext() && results.size() < count) {
      granted.next();
      results.add(
          switch (granted.outcome()) {
            case OK ->
                new ExtentResult.Granted(granted.extentAddress(), extentBytes, granted.rkey());
            case NO_CAPACITY -> new ExtentResult.NoCapacity(freeBytes);
            case WRONG_OWNER -> new ExtentResult.WrongOwner();
            default -> null;
          });
    }
    String reason = granted.hasNext() ? "too many answers" : reply.reason();
    while (results.size() < count) {
      results.add(null);
    }
    results.replaceAll(
        r -> r == null ? new ExtentResult.Failed(failure("allocateExtents", spaceId, reason)) : r);
    return results;
  }

  private ReleaseResult released(String operation, long spaceId, CallResult result) {
    return switch (result) {
      case CallResult.Reply _ -> new ReleaseResult.Released();
      case CallResult.Refused(Outcome outcome, String _) when outcome == Outcome.UNKNOWN ->
          new ReleaseResult.NotOpen();
      default -> new ReleaseResult.Failed(failure(operation, spaceId, result.failure()));
    };
  }

  private void requireBatch(int count) {
    if (count < 1 || count > batchMax) {
      throw new IllegalArgumentException(
          "a batch of " + count + " addresses is not in 1.." + batchMax);
    }
  }

  private String failure(String operation, long spaceId, String reason) {
    return operation + "(space 0x" + Long.toHexString(spaceId) + ") at " + address + ": " + reason;
  }
}
