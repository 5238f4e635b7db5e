package io.splitkernel.launcher.files;

import io.splitkernel.ffi.CacheFill;
import io.splitkernel.ffi.LinuxFiles;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Has the device read a local file in order, ahead of the threads that copy it in no order. What it
 * does is a hint.
 */
final class SourceAhead implements AutoCloseable {
  /** Shorter files are left to the kernel. */
  static final long FILE_BYTES_LEAST = 4L << 20;

  private static final long PIECE_BYTES = 1L << 20;
  private static final long LOOK_NS = 100_000_000L;

  private final CacheFill fill;
  private final long aheadBytes;
  private final AtomicLong copied = new AtomicLong();
  private final Thread thread;
  private volatile boolean closed;

  private SourceAhead(CacheFill fill, long aheadBytes) {
    this.fill = fill;
    this.aheadBytes = aheadBytes;
    this.thread = Thread.ofPlatform().daemon().name("copy-ahead").unstarted(this::run);
  }

  /**
   * Begins to read a file.
   *
   * @param fd of it.
   * @param aheadBytes how far ahead of the copy; memory of the page cache.
   * @return null when it is short, or cannot be read so.
   */
  static SourceAhead of(int fd, long aheadBytes) {
    LinuxFiles.Status status = LinuxFiles.status(fd);
    if (status == null || status.sizeBytes() < FILE_BYTES_LEAST) {
      return null;
    }
    CacheFill fill = CacheFill.open(fd);
    if (fill == null) {
      return null;
    }
    SourceAhead ahead = new SourceAhead(fill, aheadBytes);
    ahead.thread.start();
    return ahead;
  }

  /** The copy reads there now. Any thread. */
  void onRead(long offset) {
    copied.accumulateAndGet(offset, Math::max);
    LockSupport.unpark(thread);
  }

  private void run() {
    try (fill) {
      long at = 0;
      long more = 1;
      while (more > 0 && !closed) {
        long reached = copied.get();
        if (at - reached < aheadBytes) {
          at = Math.max(at, reached); // what the copy has passed is of no use
          more = fill.fill(at, PIECE_BYTES);
          at += more;
        } else {
          LockSupport.parkNanos(this, LOOK_NS);
        }
      }
    }
  }

  /** Ends it soon; does not wait. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
