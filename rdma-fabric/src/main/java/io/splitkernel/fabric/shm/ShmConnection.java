package io.splitkernel.fabric.shm;

import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.WorkRequest;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One end of a connection: {@link #post} runs the request in the caller's thread through {@link
 * Initiator}, or queues it behind {@link PendingRequests}. Each posting side announces itself in a
 * word, so that close can wait until nobody is inside.
 */
final class ShmConnection implements Connection {
  private static final VarHandle POSTING;
  private static final VarHandle RECEIVING;
  private static final CompletionStatus[] STATUSES = CompletionStatus.values();

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      POSTING = lookup.findVarHandle(ShmConnection.class, "posting", long.class);
      RECEIVING = lookup.findVarHandle(ShmConnection.class, "receiving", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final ShmFabric fabric;
  private final int number;
  private final ConnectionConfig config;
  private final ConnectionMemory memory;
  private final PeerEnd peer;
  private final RemoteFabric remote;
  private final Initiator initiator;
  private final int inlineBytesMax;
  private final SendQueue sends;
  private final ReceiveQueue receives;
  private final PendingRequests pending;
  private final ShmCompletionQueue sendCompletions;
  private final ConnectionLife life;
  private final PendingProgress progress;
  private boolean retryReported;
  private long posting;
  private long receiving;

  ShmConnection(
      ShmFabric fabric,
      int number,
      ConnectionConfig config,
      ConnectionMemory memory,
      PeerEnd peer,
      RemoteFabric remote,
      ControlChannel channel) {
    this.fabric = fabric;
    this.number = number;
    this.inlineBytesMax = fabric.inlineBytesMax();
    this.config = config;
    this.memory = memory;
    this.peer = peer;
    this.remote = remote;
    ShmProtectionDomain domain = (ShmProtectionDomain) config.protectionDomain();
    this.initiator = new Initiator(memory, fabric.keys(), domain.number(), remote, peer);
    this.sends = new SendQueue(number, config.sendDepth());
    this.receives = new ReceiveQueue(this, memory, config.receiveDepth());
    this.pending = new PendingRequests(config.sendDepth() + 1, ShmFabric.INLINE_BYTES_MAX);
    this.sendCompletions = (ShmCompletionQueue) config.sendQueue();
    this.life = new ConnectionLife(this, fabric, channel, memory, config);
    this.progress = new PendingProgress(this, pending, initiator, memory, config.retryTimeoutNs());
  }

  @Override
  public int number() {
    return number;
  }

  @Override
  public String provider() {
    return "shm";
  }

  @Override
  public State state() {
    return life.state();
  }

  @Override
  public String errorReason() {
    return life.errorReason();
  }

  @Override
  public void onDisconnect(Runnable callback) {
    life.onDisconnect(callback);
  }

  @Override
  public int post(WorkRequest request) {
    long total = RequestCheck.totalBytes(request, inlineBytesMax);
    if (total < 0) {
      return INVALID;
    }
    POSTING.setRelease(this, posting + 1);
    VarHandle.fullFence();
    try {
      return life.isClosed() ? CLOSED : postOpen(request, total);
    } finally {
      POSTING.setRelease(this, posting + 1);
    }
  }

  private int postOpen(WorkRequest request, long total) {
    if (sends.isFull()) {
      return QUEUE_FULL;
    }
    long sequence = sends.take();
    if (pending.isEmpty()) {
      int outcome = life.isConnected() ? initiator.execute(request, total) : failedOutcome();
      if (outcome >= 0) {
        finish(request, sequence, outcome, total);
        return POSTED;
      }
    }
    if (pending.add(request, sequence)) {
      fabric.loop().wakeUp();
    }
    return POSTED;
  }

  /**
   * What a request ends with on a connection in error: the first one after the peer's end says so.
   */
  int failedOutcome() {
    boolean retry = life.isPeerGone() && !retryReported;
    return (retry ? CompletionStatus.RETRY_EXCEEDED : CompletionStatus.FLUSHED).ordinal();
  }

  /** Completes a request; by whoever owns the initiator. */
  void finish(WorkRequest request, long sequence, int outcome, long total) {
    CompletionStatus status = STATUSES[outcome];
    if (status == CompletionStatus.SUCCESS) {
      if (!request.isSignalled()) {
        return;
      }
    } else {
      retryReported = true;
      life.onBadCompletion(status, request.opcode());
    }
    sends.complete(sequence, request.wrId(), status, request.opcode(), (int) total);
    sendCompletions.signal();
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
    if (lengthBytes < 0) {
      return INVALID;
    }
    RECEIVING.setRelease(this, receiving + 1);
    VarHandle.fullFence();
    try {
      if (life.isClosed()) {
        return CLOSED;
      }
      if (receives.isFull()) {
        return QUEUE_FULL;
      }
      receives.post(wrId, lkey, address, lengthBytes);
      if (memory.isPeerSenderWaiting()) {
        peer.ringDoorbell();
      }
      if (!life.isConnected()) {
        receiveCompletions().signal();
      }
      return POSTED;
    } finally {
      RECEIVING.setRelease(this, receiving + 1);
    }
  }

  /** Event thread. Runs what waits; the time until the next deadline. */
  long progress(long nowNs) {
    return pending.isEmpty() ? Long.MAX_VALUE : progress.run(nowNs);
  }

  /**
   * Waits until no thread is inside a post; the caller has revoked what it must not see any more.
   */
  void awaitOwnIdle() {
    VarHandle.fullFence();
    long post = (long) POSTING.getAcquire(this);
    while ((post & 1) == 1 && (long) POSTING.getAcquire(this) == post) {
      Thread.onSpinWait();
    }
    long receive = (long) RECEIVING.getAcquire(this);
    while ((receive & 1) == 1 && (long) RECEIVING.getAcquire(this) == receive) {
      Thread.onSpinWait();
    }
    progress.awaitIdle();
  }

  /** Whether the peer's running operation ended within the time; see {@link PeerWatch}. */
  boolean awaitPeerIdle(int key, long deadlineNs) {
    return PeerWatch.awaitIdle(memory, life, key, deadlineNs);
  }

  void fail(String reason, boolean tellPeer) {
    life.fail(reason, tellPeer ? CompletionStatus.REMOTE_OPERATION_ERROR : null);
  }

  boolean isFailed() {
    return !life.isConnected();
  }

  boolean isPeerGone() {
    return life.isPeerGone();
  }

  ConnectionLife life() {
    return life;
  }

  RemoteFabric remote() {
    return remote;
  }

  PeerEnd peer() {
    return peer;
  }

  ConnectionMemory memory() {
    return memory;
  }

  SendQueue sends() {
    return sends;
  }

  ReceiveQueue receives() {
    return receives;
  }

  PendingRequests pending() {
    return pending;
  }

  ShmCompletionQueue sendCompletions() {
    return sendCompletions;
  }

  ShmCompletionQueue receiveCompletions() {
    return (ShmCompletionQueue) config.receiveQueue();
  }

  ShmProtectionDomain domain() {
    return (ShmProtectionDomain) config.protectionDomain();
  }

  PendingProgress pendingProgress() {
    return progress;
  }

  @Override
  public void close() {
    life.close();
  }
}
