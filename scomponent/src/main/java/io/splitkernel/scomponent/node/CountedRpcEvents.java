package io.splitkernel.scomponent.node;

import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.counters.Counters;
import io.splitkernel.protocol.rpc.RpcEvents;
import io.splitkernel.scomponent.StorageCounter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what happens on connections. */
final class CountedRpcEvents implements RpcEvents {
  private static final Logger LOG = LoggerFactory.getLogger(CountedRpcEvents.class);
  private final Counters<StorageCounter> counters;

  CountedRpcEvents(Counters<StorageCounter> counters) {
    this.counters = counters;
  }

  @Override
  public void onJoined(NodeIdentity peer, String provider) {
    counters.increment(StorageCounter.JOINS);
    LOG.info("{} joined by {}", peer.name(), provider);
  }

  @Override
  public void onJoinFailed(String reason) {
    counters.increment(StorageCounter.FAILED_JOINS);
    LOG.warn("join failed: {}", reason);
  }

  @Override
  public void onMessageRejected(String reason) {
    counters.increment(StorageCounter.REJECTED_MESSAGES);
    LOG.warn("message rejected: {}", reason);
  }

  @Override
  public void onDeadlineMissed(String reason) {
    counters.increment(StorageCounter.MISSED_DEADLINES);
    LOG.warn("deadline missed: {}", reason);
  }
}
