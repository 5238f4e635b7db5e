package io.splitkernel.protocol.rpc;

import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.counters.Counters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts and logs what happens on a component's connections. Any thread.
 *
 * @param <E> the component's counters.
 * @param counters of the component.
 * @param joins peers that joined.
 * @param failedJoins peers that did not.
 * @param rejectedMessages connections that a message ended.
 * @param missedDeadlines connections that silence ended.
 */
public record CountedRpcEvents<E extends Enum<E>>(
    Counters<E> counters, E joins, E failedJoins, E rejectedMessages, E missedDeadlines)
    implements RpcEvents {
  private static final Logger LOG = LoggerFactory.getLogger(CountedRpcEvents.class);

  @Override
  public void onJoined(NodeIdentity peer, String provider) {
    counters.increment(joins);
    LOG.info("{} joined by {}", peer.name(), provider);
  }

  @Override
  public void onJoinFailed(String reason) {
    counters.increment(failedJoins);
    LOG.warn("join failed: {}", reason);
  }

  @Override
  public void onMessageRejected(String reason) {
    counters.increment(rejectedMessages);
    LOG.warn("message rejected: {}", reason);
  }

  @Override
  public void onDeadlineMissed(String reason) {
    counters.increment(missedDeadlines);
    LOG.warn("deadline missed: {}", reason);
  }
}
