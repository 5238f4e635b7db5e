package io.splitkernel.fabric.shm;

import java.util.concurrent.atomic.LongAdder;

/** What a fabric had to turn away. Any thread. */
public final class ShmCounters {
  private final LongAdder malformed = new LongAdder();
  private final LongAdder expired = new LongAdder();
  private final LongAdder foreign = new LongAdder();
  private final LongAdder overflowed = new LongAdder();

  ShmCounters() {}

  void onMalformed() {
    malformed.increment();
  }

  void onExpired() {
    expired.increment();
  }

  void onForeign() {
    foreign.increment();
  }

  void onOverflowed() {
    overflowed.increment();
  }

  /** Control sockets that were closed because of a message that is not one. */
  public long malformedMessages() {
    return malformed.sum();
  }

  /** Connectors that were closed because they did not introduce themselves in time. */
  public long expiredHandshakes() {
    return expired.sum();
  }

  /** Connectors that were closed because they belong to another user. */
  public long foreignUsers() {
    return foreign.sum();
  }

  /** Connectors that were closed because too many were waiting. */
  public long overflowedHandshakes() {
    return overflowed.sum();
  }
}
