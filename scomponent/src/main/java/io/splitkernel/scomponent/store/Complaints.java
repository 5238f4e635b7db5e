package io.splitkernel.scomponent.store;

import io.splitkernel.ffi.Errno;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the log of content that is not as it was written, once a second for a file. Any thread. */
final class Complaints {
  private static final Logger LOG = LoggerFactory.getLogger(Complaints.class);
  private static final long PERIOD_NS = 1_000_000_000L;

  private final String volume;
  private final AtomicLong silentUntil = new AtomicLong(System.nanoTime());
  private final AtomicLong kept = new AtomicLong();

  private volatile String path = "";

  /** About a file of a volume. */
  Complaints(String volume) {
    this.volume = volume;
  }

  /** Where the file is said to be now. */
  void path(String now) {
    path = now;
  }

  /** -EIO. */
  int bad(long offset, String why) {
    long now = System.nanoTime();
    long until = silentUntil.get();
    if (now - until >= 0 && silentUntil.compareAndSet(until, now + PERIOD_NS)) {
      long more = kept.getAndSet(0);
      LOG.error("{}:{} at offset {}: {}; EIO ({} more before)", volume, path, offset, why, more);
    } else {
      kept.incrementAndGet();
    }
    return -Errno.EIO;
  }
}
