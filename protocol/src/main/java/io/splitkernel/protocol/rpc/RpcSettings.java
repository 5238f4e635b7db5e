package io.splitkernel.protocol.rpc;

/**
 * Limits of remote procedure calls; both sides of a connection must agree on the message size.
 *
 * @param messageBytesMax longest message, 1 KiB to 1 MiB; default 64 KiB.
 * @param pendingCallsMax calls of one side that may be unanswered on a connection, 1 to 256;
 *     default 16. One more waits, and ends as {@link CallResult.BackPressure} at its deadline.
 * @param connectionsMax connections of one server, joined or not, at least 1; default 512.
 * @param joiningMax those of them that have not joined yet, at least 1; default 128, so that as
 *     many clients may come at the same moment.
 * @param joinTimeoutNs within which the peer must have joined, at least 1 ms; default 10 s.
 * @param retryTimeoutNs after which the fabric gives a silent peer up, at least 1 ms; default 10 s.
 */
public record RpcSettings(
    int messageBytesMax,
    int pendingCallsMax,
    int connectionsMax,
    int joiningMax,
    long joinTimeoutNs,
    long retryTimeoutNs) {
  /** The documented defaults. */
  public static final RpcSettings DEFAULT =
      new RpcSettings(64 * 1024, 16, 512, 128, 10_000_000_000L, 10_000_000_000L);

  /** Validates ranges. */
  public RpcSettings {
    require("messageBytesMax", messageBytesMax, 1024, 1024 * 1024);
    require("pendingCallsMax", pendingCallsMax, 1, 256);
    require("connectionsMax", connectionsMax, 1, Integer.MAX_VALUE);
    require("joiningMax", joiningMax, 1, Integer.MAX_VALUE);
    require("joinTimeoutNs", joinTimeoutNs, 1_000_000L, Long.MAX_VALUE);
    require("retryTimeoutNs", retryTimeoutNs, 1_000_000L, Long.MAX_VALUE);
  }

  /**
   * Most entries of a batch, so that request and answer fit a message.
   *
   * @return up to 1,024.
   */
  public int batchMax() {
    return Math.min(1024, messageBytesMax / 32);
  }

  /**
   * With another number of connections.
   *
   * @param connections of one server at once.
   * @return a changed copy.
   */
  public RpcSettings withConnectionsMax(int connections) {
    return new RpcSettings(
        messageBytesMax, pendingCallsMax, connections, joiningMax, joinTimeoutNs, retryTimeoutNs);
  }

  /**
   * Registered memory of one connection: a slot for each message that may be under way.
   *
   * @return bytes, off the heap.
   */
  public long connectionBytes() {
    return (long) (receiveDepth() + sendDepth()) * messageBytesMax;
  }

  /**
   * Heap of one connection of a server: a message that comes, one that goes, one that waits, and
   * one while it joins.
   *
   * @return bytes, an upper bound.
   */
  public long connectionHeapBytes() {
    return 4L * messageBytesMax;
  }

  /** Receives that are posted: the peer's calls, our replies, and notices. */
  int receiveDepth() {
    return 2 * pendingCallsMax + 8;
  }

  /** Sends that may be under way: our calls, replies, and notices. */
  int sendDepth() {
    return 2 * pendingCallsMax + 16;
  }

  private static void require(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(name + " " + value + " is not in " + min + ".." + max);
    }
  }
}
