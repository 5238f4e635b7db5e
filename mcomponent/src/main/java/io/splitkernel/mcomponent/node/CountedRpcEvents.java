package io.splitkernel.mcomponent.node;

import io.splitkernel.mcomponent.MemoryCounter;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.counters.Counters;
import io.splitkernel.protocol.rpc.RpcEvents;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what happens on connections. */
final class CountedRpcEvents implements RpcEvents {
  private static final Logger LOG = LoggerFactory.getLogger(CountedRpcEvents.class);
  private final Counters<MemoryCounter> counters;

  CountedRpcEvents(Counters<MemoryCounter> counters) {
    this.counters = counters;
  }

  @Override
  public void onJoined(NodeIdentity peer, String provider) {
    counters.increment(MemoryCounter.JOINS);
    LOG.info("{} joined by {}", peer.name(), provider);
  }

  @Override
  public void onJoinFailed(String reason) {
    counters.increment(MemoryCounter.FAILED_JOINS);
    LOG.warn("join failed: {}", reason);
  }

  @Override
  public void onMessageRejected(String reason) {
    counters.increment(MemoryCounter.REJECTED_MESSAGES);
    LOG.warn("message rejected: {}", reason);
  }

  @Override
  public void onDeadlineMissed(String reason) {
    counters.increment(MemoryCounter.MISSED_DEADLINES);
    LOG.warn("deadline missed: {}", reason);
  }
}
