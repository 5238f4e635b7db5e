package io.splitkernel.protocol.files.server;

/**
 * Limits of a file server.
 *
 * @param workers operations carried out at once, each with a buffer of 1 MiB; 1 to 1024, default
 *     16.
 * @param queuedMax operations that wait, 1 to 1,048,576; one more ends its connection; default
 *     16,384.
 * @param inlineBytesMax bytes of a read or write that travel in the message, 4,096 to 32,768;
 *     default 16,384.
 * @param drainNs how long a client that comes back waits until operations of its earlier connection
 *     have ended, at least 1 ms; default 20 s.
 * @param transferNs after which a one-sided transfer is given up, at least 1 ms; default 10 s.
 */
public record FileServerConfig(
    int workers, int queuedMax, int inlineBytesMax, long drainNs, long transferNs) {
  /** The documented defaults. */
  public static final FileServerConfig DEFAULT =
      new FileServerConfig(16, 16_384, 16_384, 20_000_000_000L, 10_000_000_000L);

  /** Validates ranges. */
  public FileServerConfig {
    require("workers", workers, 1, 1024);
    require("queuedMax", queuedMax, 1, 1 << 20);
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
