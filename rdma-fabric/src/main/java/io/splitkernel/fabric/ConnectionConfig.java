package io.splitkernel.fabric;

/**
 * One end of a reliable connection.
 *
 * @param protectionDomain checked against every key that is used on the connection.
 * @param sendQueue gets completions of posted work requests.
 * @param receiveQueue gets completions of posted receives; may be the same queue.
 * @param sendDepth work requests that may be outstanding, at least 1.
 * @param receiveDepth receives that may be outstanding, at least 1.
 * @param remoteAccess bits of {@link Access} that peers may use at all on this connection, whatever
 *     a region allows; {@link Access#REMOTE_READ} and so on.
 * @param retryTimeoutNs bound after which an operation on a silent peer ends with {@link
 *     CompletionStatus#RETRY_EXCEEDED}; also bounds how long a send waits for a receive to be
 *     posted ({@link CompletionStatus#RNR_RETRY_EXCEEDED}).
 */
public record ConnectionConfig(
    ProtectionDomain protectionDomain,
    CompletionQueue sendQueue,
    CompletionQueue receiveQueue,
    int sendDepth,
    int receiveDepth,
    int remoteAccess,
    long retryTimeoutNs) {
  /** Default bound on a silent peer: 2 s. */
  public static final long RETRY_TIMEOUT_NS_DEFAULT = 2_000_000_000L;

  /** Validates ranges. */
  public ConnectionConfig {
    if (sendDepth < 1 || receiveDepth < 1) {
      throw new IllegalArgumentException(
          "queue depths must be positive: send " + sendDepth + ", receive " + receiveDepth);
    }
    if (retryTimeoutNs < 1_000_000L) {
      throw new IllegalArgumentException("retryTimeoutNs " + retryTimeoutNs + " is below 1 ms");
    }
  }
}
