package io.splitkernel.protocol.files.client;

import io.splitkernel.ffi.Errno;

/**
 * Limits of a file client.
 *
 * @param slots transfers of more than inline size at once, each with a buffer of 1 MiB; 1 to 256,
 *     default 8.
 * @param callNs deadline of one attempt, at least 1 ms; default 30 s.
 * @param retryNs how long an operation is repeated while the server cannot be reached, before it
 *     ends with an error; at least 0; default 60 s.
 * @param awayError that error, positive; default EIO.
 */
public record FileClientConfig(int slots, long callNs, long retryNs, int awayError) {
  /** The documented defaults. */
  public static final FileClientConfig DEFAULT =
      new FileClientConfig(8, 30_000_000_000L, 60_000_000_000L);

  /** With the default error. */
  public FileClientConfig(int slots, long callNs, long retryNs) {
    this(slots, callNs, retryNs, Errno.EIO);
  }

  /** Validates ranges. */
  public FileClientConfig {
    if (slots < 1 || slots > 256) {
      throw new IllegalArgumentException("slots " + slots + " is not in 1..256");
    }
    if (awayError <= 0) {
      throw new IllegalArgumentException("awayError " + awayError + " is not positive");
    }
    if (callNs < 1_000_000L || retryNs < 0) {
      throw new IllegalArgumentException(
          "callNs " + callNs + " must be at least 1 ms, retryNs " + retryNs + " not negative");
    }
  }
}
