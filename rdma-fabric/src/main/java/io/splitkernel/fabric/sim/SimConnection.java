package io.splitkernel.fabric.sim;

import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.Opcode;
import io.splitkernel.fabric.WorkRequest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** One simulated end: queues of what was posted, run one by one by {@link SimInitiator}. */
final class SimConnection implements Connection {
  /** A posted receive. */
  record Receive(long wrId, int lkey, long address, int lengthBytes) {}

  private final SimFabric fabric;
  private final SimNetwork network;
  private final ConnectionConfig config;
  private final int number;
  private final ArrayDeque<PostedRequest> sends = new ArrayDeque<>();
  private final ArrayDeque<Receive> receives = new ArrayDeque<>();
  private final List<Runnable> callbacks = new ArrayList<>();
  private SimConnection peer;
  private State state = State.CONNECTED;
  private String reason;
  private boolean peerGone;
  private boolean retryReported;
  private long posted;
  private long freed;
  private int receivesHeld;
  private long waitingSinceNs;
  private boolean waiting;

  SimConnection(SimFabric fabric, ConnectionConfig config) {
    this.fabric = fabric;
    this.network = fabric.network();
    this.config = config;
    this.number = fabric.nextConnection();
  }

  void join(SimConnection other) {
    peer = other;
    fabric.keep(this);
    domain().add(this);
    sendQueue().attach();
    receiveQueue().attach();
    network.add(this);
  }

  SimFabric fabric() {
    return fabric;
  }

  SimDomain domain() {
    return (SimDomain) config.protectionDomain();
  }

  ConnectionConfig config() {
    return config;
  }

  SimConnection peer() {
    return peer;
  }

  private SimCompletionQueue sendQueue() {
    return (SimCompletionQueue) config.sendQueue();
  }

  private SimCompletionQueue receiveQueue() {
    return (SimCompletionQueue) config.receiveQueue();
  }

  boolean isBetween(String first, String second) {
    String own = fabric.node();
    String other = peer.fabric.node();
    return (own.equals(first) && other.equals(second))
        || (own.equals(second) && other.equals(first));
  }

  @Override
  public int number() {
    return number;
  }

  @Override
  public String provider() {
    return "sim";
  }

  @Override
  public State state() {
    synchronized (network) {
      return state;
    }
  }

  @Override
  public String errorReason() {
    synchronized (network) {
      return reason;
    }
  }

  @Override
  public void onDisconnect(Runnable callback) {
    synchronized (network) {
      if (state == State.CONNECTED) {
        callbacks.add(callback);
      } else if (state == State.ERROR) {
        network.call(callback);
        network.settle();
      }
    }
  }

  @Override
  public int post(WorkRequest request) {
    synchronized (network) {
      if (!PostedRequest.isWellFormed(request)) {
        return INVALID;
      }
      if (state == State.CLOSED) {
        return CLOSED;
      }
      if (posted - freed >= config.sendDepth()) {
        return QUEUE_FULL;
      }
      sends.add(new PostedRequest(request, posted++));
      if (state == State.ERROR) {
        flushSends();
      }
      network.settle();
      return POSTED;
    }
  }

  @Override
  public int post(WorkRequest[] requests, int count) {
    for (int i = 0; i < count; i++) {
      int result = post(requests[i]);
      if (result != POSTED) {
        return i > 0 || result == QUEUE_FULL ? i : result;
      }
    }
    return count;
  }

  @Override
  public int postReceive(long wrId, int lkey, long address, int lengthBytes) {
    synchronized (network) {
      if (lengthBytes < 0) {
        return INVALID;
      }
      if (state == State.CLOSED) {
        return CLOSED;
      }
      if (receivesHeld >= config.receiveDepth()) {
        return QUEUE_FULL;
      }
      receivesHeld++;
      receives.add(new Receive(wrId, lkey, address, lengthBytes));
      if (state == State.ERROR) {
        flushReceives();
      }
      network.settle();
      return POSTED;
    }
  }

  /** The oldest receive, or null. */
  Receive peekReceive() {
    return receives.peek();
  }

  void completeReceive(CompletionStatus status, Opcode opcode, int length, int immediate) {
    Receive receive = receives.remove();
    receiveQueue()
        .add(
            new SimCompletionQueue.Entry(
                this, receive.wrId(), status, opcode, length, immediate, () -> receivesHeld--));
  }

  boolean canRun() {
    return state == State.CONNECTED
        && !sends.isEmpty()
        && !(sends.peek().needsReceive()
            && peer.state == State.CONNECTED
            && peer.receives.isEmpty());
  }

  /** Runs the oldest request. */
  void runOne() {
    PostedRequest next = sends.remove();
    waiting = false;
    CompletionStatus forced = fabric.takeInjected();
    finish(next, forced != null ? forced : SimInitiator.run(this, next));
  }

  private void finish(PostedRequest done, CompletionStatus status) {
    WorkRequest request = done.request();
    if (status != CompletionStatus.SUCCESS || request.isSignalled()) {
      sendQueue()
          .add(
              new SimCompletionQueue.Entry(
                  this,
                  request.wrId(),
                  status,
                  request.opcode(),
                  (int) done.totalBytes(),
                  0,
                  () -> freed = done.sequence() + 1));
    }
    if (status == CompletionStatus.SUCCESS || state != State.CONNECTED) {
      return;
    }
    retryReported = true;
    String why = request.opcode() + " ended with " + status;
    switch (status) {
      case REMOTE_ACCESS_ERROR, REMOTE_INVALID_REQUEST, REMOTE_OPERATION_ERROR -> {
        peer.fail("a request of the peer ended with " + status);
        fail(why);
      }
      default -> fail(why);
    }
  }

  /** Ends a request that waits for a receive; true when there was one whose time is up. */
  boolean expire(long nowNs) {
    if (state != State.CONNECTED || sends.isEmpty() || canRun()) {
      return false;
    }
    if (!waiting) {
      waiting = true;
      waitingSinceNs = nowNs;
    }
    if (nowNs - waitingSinceNs < config.retryTimeoutNs()) {
      return false;
    }
    waiting = false;
    finish(sends.remove(), CompletionStatus.RNR_RETRY_EXCEEDED);
    return true;
  }

  void onPeerGone(String why) {
    peerGone = true;
    fail(why);
  }

  private void fail(String why) {
    if (state != State.CONNECTED) {
      return;
    }
    state = State.ERROR;
    reason = why;
    flushSends();
    flushReceives();
    callbacks.forEach(network::call);
    callbacks.clear();
  }

  private void flushSends() {
    while (!sends.isEmpty()) {
      boolean retry = peerGone && !retryReported && state == State.ERROR;
      retryReported = true;
      finish(sends.remove(), retry ? CompletionStatus.RETRY_EXCEEDED : CompletionStatus.FLUSHED);
    }
  }

  private void flushReceives() {
    while (!receives.isEmpty()) {
      completeReceive(CompletionStatus.FLUSHED, Opcode.RECEIVE, 0, 0);
    }
  }

  @Override
  public void close() {
    synchronized (network) {
      if (state == State.CLOSED) {
        return;
      }
      state = State.CLOSED;
      flushSends();
      flushReceives();
      callbacks.clear();
      network.remove(this);
      domain().forget(this);
      sendQueue().detach();
      receiveQueue().detach();
      fabric.forget(this);
      peer.onPeerGone("the peer (" + fabric.node() + ") closed or died");
      network.settle();
    }
  }
}
