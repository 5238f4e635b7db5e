package io.splitkernel.protocol.files.server;

/**
 * Limits of a file server.
 *
 * @param workers operations carried out at once, each with a buffer of 1 MiB; 1 to 1024, default
 *     24; a client has three quarters of them at most.
 * @param queuedBytesMax memory of the operations that wait, shared evenly by the clients that are
 *     connected, beside one operation each; at least 65,536; default 16 MiB. A client with more is
 *     read from no more until one of them was taken.
 * @param inlineBytesMax bytes of a read or write that travel in the message, 4,096 to 32,768;
 *     default 16,384.
 * @param drainNs how long a client that comes back waits until operations of its earlier connection
 *     have ended, at least 1 ms; default 20 s.
 * @param transferNs after which a one-sided transfer is given up, or an operation that finds no
 *     room to wait; at least 1 ms; default 10 s.
 */
public record FileServerConfig(
    int workers, long queuedBytesMax, int inlineBytesMax, long drainNs, long transferNs) {
  /** The documented defaults. */
  public static final FileServerConfig DEFAULT =
      new FileServerConfig(24, 16L << 20, 16_384, 20_000_000_000L, 10_000_000_000L);

  /** Validates ranges. */
  public FileServerConfig {
    require("workers", workers, 1, 1024);
    require("queuedBytesMax", queuedBytesMax, 65_536, Long.MAX_VALUE);
    require("inlineBytesMax", inlineBytesMax, 4096, 32_768);
    require("drainNs", drainNs, 1_000_000L, Long.MAX_VALUE);
    require("transferNs", transferNs, 1_000_000L, Long.MAX_VALUE);
  }

  private static void require(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(name + " " + value + " is not in " + min + ".." + max);
    }
  }
}
