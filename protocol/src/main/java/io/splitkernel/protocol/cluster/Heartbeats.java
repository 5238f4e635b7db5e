package io.splitkernel.protocol.cluster;

import io.splitkernel.protocol.rpc.CallResult;
import io.splitkernel.protocol.rpc.RpcConnection;
import io.splitkernel.protocol.sbe.DoneDecoder;
import io.splitkernel.protocol.sbe.HeartbeatEncoder;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Keeps a member's lease alive, and carries its counters. One thread. */
final class Heartbeats implements AutoCloseable {
  /** Told in place of the free bytes: the sender is about to be stopped, and keeps what it has. */
  static final long SUSPENDED = -1;

  private final RpcConnection rpc;
  private final CounterSource counters;
  private final long periodNs;
  private final long leaseNs;
  private final long[] values;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread;
  private volatile boolean suspended;

  Heartbeats(RpcConnection rpc, CounterSource counters, long periodNs, long leaseNs) {
    this.rpc = rpc;
    this.counters = counters;
    this.periodNs = periodNs;
    this.leaseNs = leaseNs;
    this.values = new long[counters.names().length];
    this.thread = Thread.ofPlatform().daemon().name("heartbeat").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      do {
        if (!suspended) {
          beat(counters.freeBytes());
        }
      } while (rpc.isOpen() && !stop.await(periodNs, TimeUnit.NANOSECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * A beat that is not answered in time closes the connection: the monitor is lost. That is before
   * the monitor takes this member for lost, so that nobody gets what this member still uses.
   */
  private synchronized CallResult beat(long freeBytes) {
    counters.read(values);
    return rpc.call(
        DoneDecoder.TEMPLATE_ID,
        (buffer, header, id) -> {
          HeartbeatEncoder beat = new HeartbeatEncoder().wrapAndApplyHeader(buffer, 0, header);
          beat.correlationId(id).freeBytes(freeBytes);
          HeartbeatEncoder.CountersEncoder entries = beat.countersCount(values.length);
          for (long value : values) {
            entries.next().value(value);
          }
          return beat.encodedLength();
        },
        Math.max(periodNs, leaseNs - 2 * periodNs));
  }

  /**
   * Says that there will be no beat until {@link #resume}, however long that is.
   *
   * @return whether the monitor knows.
   */
  boolean suspend() {
    suspended = true;
    return beat(SUSPENDED) instanceof CallResult.Reply;
  }

  /** Beats again, now and from now on. */
  void resume() {
    suspended = false;
    beat(counters.freeBytes());
  }

  /** No more beats. */
  @Override
  public void close() {
    stop.countDown();
  }
}
