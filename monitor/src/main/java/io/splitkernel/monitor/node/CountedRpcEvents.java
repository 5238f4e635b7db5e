package io.splitkernel.monitor.node;

import io.splitkernel.monitor.MonitorCounter;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.counters.Counters;
import io.splitkernel.protocol.rpc.RpcEvents;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what happens on connections. */
final class CountedRpcEvents implements RpcEvents {
  private static final Logger LOG = LoggerFactory.getLogger(CountedRpcEvents.class);
  private final Counters<MonitorCounter> counters;

  CountedRpcEvents(Counters<MonitorCounter> counters) {
    this.counters = counters;
  }

  @Override
  public void onJoined(NodeIdentity peer, String provider) {
    counters.increment(MonitorCounter.JOINS);
    LOG.info("{} joined by {}", peer.name(), provider);
  }

  @Override
  public void onJoinFailed(String reason) {
    counters.increment(MonitorCounter.FAILED_JOINS);
    LOG.warn("join failed: {}", reason);
  }

  @Override
  public void onMessageRejected(String reason) {
    counters.increment(MonitorCounter.REJECTED_MESSAGES);
    LOG.warn("message rejected: {}", reason);
  }

  @Override
  public void onDeadlineMissed(String reason) {
    counters.increment(MonitorCounter.MISSED_DEADLINES);
    LOG.warn("deadline missed: {}", reason);
  }
}
