package io.splitkernel.fabric.verbs;

import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.WorkRequest;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.rdma.RdmaCm;
import io.splitkernel.ffi.rdma.VerbsLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * A queue pair of an rdma_cm_id. Posting sends: one thread; posting receives: one thread, perhaps
 * another; completing: the thread that polls; the rest: any thread.
 */
final class VerbsConnection implements Connection, CmEvents.Handler {
  private static final int QP_NUM = VerbsLayout.of("ibv_qp.qp_num");
  private static final int EVENT_DISCONNECTED = VerbsLayout.of("RDMA_CM_EVENT_DISCONNECTED");
  private static final int EVENT_REMOVAL = VerbsLayout.of("RDMA_CM_EVENT_DEVICE_REMOVAL");

  private final VerbsFabric fabric;
  private final ConnectionConfig config;
  private final long id;
  private final long qp;
  private final int number;
  private final SendSide sends;
  private final ReceiveSide receives;
  private final Failures failures = new Failures();
  private final List<Runnable> callbacks = new ArrayList<>();
  private volatile State state = State.CONNECTED;
  private volatile String errorReason;
  private boolean destroyed;

  VerbsConnection(VerbsFabric fabric, ConnectionConfig config, long id) {
    this.fabric = fabric;
    this.config = config;
    this.id = id;
    this.qp = RawMemory.getLong(id + VerbsLayout.of("rdma_cm_id.qp"));
    this.number = RawMemory.getInt(qp + QP_NUM);
    this.sends = new SendSide(this, qp, fabric, config.sendDepth());
    this.receives = new ReceiveSide(this, qp, fabric.queues(), config.receiveDepth());
    sendQueue().connections().add(this);
    if (receiveQueue() != sendQueue()) {
      receiveQueue().connections().add(this);
    }
    fabric.deviceEvents().add(qp, this);
  }

  private VerbsCompletionQueue sendQueue() {
    return (VerbsCompletionQueue) config.sendQueue();
  }

  private VerbsCompletionQueue receiveQueue() {
    return (VerbsCompletionQueue) config.receiveQueue();
  }

  boolean isClosed() {
    return state == State.CLOSED;
  }

  boolean isOf(VerbsProtectionDomain domain) {
    return config.protectionDomain() == domain;
  }

  @Override
  public int number() {
    return number;
  }

  @Override
  public String provider() {
    return "verbs";
  }

  @Override
  public String device() {
    return fabric.device();
  }

  @Override
  public State state() {
    return state;
  }

  @Override
  public String errorReason() {
    return errorReason;
  }

  @Override
  public void onDisconnect(Runnable callback) {
    synchronized (callbacks) {
      if (state == State.CONNECTED) {
        callbacks.add(callback);
        return;
      }
    }
    if (state == State.ERROR) {
      fabric.events().execute(callback);
    }
  }

  @Override
  public int post(WorkRequest request) {
    return sends.post(request);
  }

  @Override
  public int post(WorkRequest[] requests, int count) {
    return sends.post(requests, count);
  }

  @Override
  public int postReceive(long wrId, int lkey, long address, int lengthBytes) {
    int result = receives.post(wrId, lkey, address, lengthBytes);
    if (result == POSTED && state == State.ERROR) {
      breakQueuePair(); // soft devices look at receives only when something happens
    }
    return result;
  }

  /** Polling thread: the user's token of a completion. */
  long complete(long token) {
    return token < 0 ? receives.complete(token) : sends.posted().complete(token);
  }

  /** Polling thread: ordinal of the operation of a send that completes. */
  int operationOf(long token) {
    return sends.posted().operation(token);
  }

  /** Polling thread: length of a send that completes. */
  int lengthOf(long token) {
    return sends.posted().length(token);
  }

  /** Polling thread: a completion is bad; the status to be told. */
  CompletionStatus onFailure(CompletionStatus status, boolean receive) {
    CompletionStatus told = failures.tell(status, receive, state == State.CLOSED);
    if (status == CompletionStatus.FLUSHED) {
      fail("the queue pair is in error");
      return told;
    }
    fail("a work request ended with " + status + " (" + status.code() + ")");
    if (receive || Failures.isAnswerOfPeer(status)) {
      fabric.events().execute(this::disconnect);
    }
    return told;
  }

  private void disconnect() {
    synchronized (this) {
      if (!destroyed) {
        RdmaCm.disconnect(id);
      }
    }
  }

  /** Everything that is posted and will be posted is flushed. */
  private void breakQueuePair() {
    synchronized (this) {
      if (!destroyed) {
        Handshake.breakQueuePair(id);
      }
    }
  }

  /** Thread of the device's events. */
  void onDeviceEvent(String reason) {
    fail(reason);
  }

  /** Whether its completions go to an ibv_cq. */
  boolean feeds(long cq) {
    return sendQueue().cq() == cq || receiveQueue().cq() == cq;
  }

  /** CM thread. */
  @Override
  public void onEvent(int kind, int status, byte[] privateData) {
    if (kind == EVENT_DISCONNECTED || kind == EVENT_REMOVAL) {
      failures.onPeerGone();
      fail(kind == EVENT_REMOVAL ? "the device was removed" : "the peer has disconnected");
      disconnect(); // the queue pair falls into error, so that everything is flushed
    }
  }

  private void fail(String reason) {
    List<Runnable> toRun;
    synchronized (callbacks) {
      if (state != State.CONNECTED) {
        return;
      }
      errorReason = reason;
      state = State.ERROR;
      toRun = List.copyOf(callbacks);
      callbacks.clear();
    }
    fabric.events().execute(this::breakQueuePair);
    toRun.forEach(fabric.events()::execute);
  }

  @Override
  public void close() {
    synchronized (callbacks) {
      if (state == State.CLOSED) {
        return;
      }
      state = State.CLOSED;
      callbacks.clear();
    }
    boolean quiet = sends.gate().awaitEmpty() && receives.gate().awaitEmpty();
    disconnect();
    if (quiet) {
      reapIfDone();
    }
  }

  /** Frees the queue pair once it is closed and everything that was posted has been told. */
  void reapIfDone() {
    if (state == State.CLOSED && isQuiet() && sends.posted().isEmpty() && receives.isEmpty()) {
      destroy();
    }
  }

  /** Whether nobody posts; who has closed the connection waits for that, then comes here again. */
  private boolean isQuiet() {
    return sends.gate().isEmpty() && receives.gate().isEmpty();
  }

  /** Frees the queue pair whatever is outstanding. */
  void destroy() {
    synchronized (this) {
      if (destroyed) {
        return;
      }
      destroyed = true;
    }
    state = State.CLOSED;
    sendQueue().connections().remove(this);
    receiveQueue().connections().remove(this);
    fabric.deviceEvents().remove(qp);
    fabric.forget(this);
    fabric.events().discard(id);
    sends.close();
    receives.close();
  }
}
