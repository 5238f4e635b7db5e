package io.splitkernel.protocol.files.server;

import io.splitkernel.ffi.IoUring;
import io.splitkernel.protocol.files.Volume;

/**
 * Limits of a file server.
 *
 * @param workers operations carried out at once, each with a buffer of 1 MiB; 1 to 1024, default
 *     24; the last quarter is for clients of which nothing else is carried out.
 * @param queuedBytesMax memory of the operations that wait, shared evenly by the clients that are
 *     connected, beside one operation each; at least 65,536; default 16 MiB. A client with more is
 *     read from no more until one of them was taken.
 * @param inlineBytesMax bytes of a read or write that travel in the message, 4,096 to 32,768;
 *     default 16,384.
 * @param fetchesMax small reads of one client that wait for the device at once without a worker, in
 *     an io_uring of its connection; 0 (none) to 4,096; default 64.
 * @param drainNs how long a client that comes back waits until operations of its earlier connection
 *     have ended, at least 1 ms; default 20 s.
 * @param transferNs after which a one-sided transfer is given up, or an operation that finds no
 *     room to wait; at least 1 ms; default 10 s.
 */
public record FileServerConfig(
    int workers,
    long queuedBytesMax,
    int inlineBytesMax,
    int fetchesMax,
    long drainNs,
    long transferNs) {
  /** The documented defaults. */
  public static final FileServerConfig DEFAULT =
      new FileServerConfig(24, 16L << 20, 16_384, 64, 20_000_000_000L, 10_000_000_000L);

  /** Most workers. */
  public static final int WORKERS_MAX = 1024;

  /** Least of {@code queuedBytesMax}. */
  public static final long QUEUED_BYTES_LEAST = 65_536;

  /** Bounds of {@code inlineBytesMax}. */
  public static final int INLINE_BYTES_LEAST = 4096;

  public static final int INLINE_BYTES_MOST = 32_768;

  /** Validates ranges. */
  public FileServerConfig {
    require("workers", workers, 1, WORKERS_MAX);
    require("queuedBytesMax", queuedBytesMax, QUEUED_BYTES_LEAST, Long.MAX_VALUE);
    require("inlineBytesMax", inlineBytesMax, INLINE_BYTES_LEAST, INLINE_BYTES_MOST);
    require("fetchesMax", fetchesMax, 0, IoUring.ENTRIES_MAX);
    require("drainNs", drainNs, 1_000_000L, Long.MAX_VALUE);
    require("transferNs", transferNs, 1_000_000L, Long.MAX_VALUE);
  }

  /**
   * Memory of the workers' buffers, off the heap.
   *
   * @return bytes.
   */
  public long bufferBytes() {
    return (long) workers * Volume.TRANSFER_BYTES_MAX;
  }

  /**
   * Heap of one client's reads that wait for the device.
   *
   * @return bytes, at most.
   */
  public long fetchesHeapBytes() {
    return (long) fetchesMax * 2 * FetchedReads.MESSAGE_BYTES_MAX;
  }

  private static void require(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(name + " " + value + " is not in " + min + ".." + max);
    }
  }
}
