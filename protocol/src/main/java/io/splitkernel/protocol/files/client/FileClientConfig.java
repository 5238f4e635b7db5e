package io.splitkernel.protocol.files.client;

/**
 * Limits of a file client.
 *
 * @param slots transfers of more than inline size at once, each with a buffer of 1 MiB; 1 to 256,
 *     default 8.
 * @param callNs deadline of one attempt, at least 1 ms; default 30 s.
 * @param retryNs how long an operation is repeated while the server cannot be reached, before it
 *     ends with EIO; at least 0; default 60 s.
 */
public record FileClientConfig(int slots, long callNs, long retryNs) {
  /** The documented defaults. */
  public static final FileClientConfig DEFAULT =
      new FileClientConfig(8, 30_000_000_000L, 60_000_000_000L);

  /** Validates ranges. */
  public FileClientConfig {
    if (slots < 1 || slots > 256) {
      throw new IllegalArgumentException("slots " + slots + " is not in 1..256");
    }
    if (callNs < 1_000_000L || retryNs < 0) {
      throw new IllegalArgumentException(
          "callNs " + callNs + " must be at least 1 ms, retryNs " + retryNs + " not negative");
    }
  }
}
