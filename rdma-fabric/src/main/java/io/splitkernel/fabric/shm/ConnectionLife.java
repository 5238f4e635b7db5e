package io.splitkernel.fabric.shm;

import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.Connection.State;
import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.Opcode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * States of one connection end, and its control socket: who hears of an error, the peer's end, the
 * memories that cross. Any thread; {@link #onReady} on the event thread.
 */
final class ConnectionLife implements EventLoop.Handler {
  private static final int MESSAGES_PER_TURN = 16;
  private static final CompletionStatus[] STATUSES = CompletionStatus.values();

  private final ShmConnection connection;
  private final ShmFabric fabric;
  private final ControlChannel channel;
  private final ConnectionMemory memory;
  private final ConnectionConfig config;
  private final AtomicReference<State> state = new AtomicReference<>(State.CONNECTED);
  private final AtomicReference<String> reason = new AtomicReference<>();
  private final List<Runnable> callbacks = new ArrayList<>();
  private volatile boolean peerGone;
  private volatile boolean introduced;

  ConnectionLife(
      ShmConnection connection,
      ShmFabric fabric,
      ControlChannel channel,
      ConnectionMemory memory,
      ConnectionConfig config) {
    this.connection = connection;
    this.fabric = fabric;
    this.channel = channel;
    this.memory = memory;
    this.config = config;
  }

  State state() {
    return state.get();
  }

  boolean isConnected() {
    return state.getAcquire() == State.CONNECTED;
  }

  boolean isClosed() {
    return state.getAcquire() == State.CLOSED;
  }

  boolean isPeerGone() {
    return peerGone;
  }

  /** As {@link #isPeerGone}, but asks the kernel. */
  boolean isPeerGoneNow() {
    return peerGone || channel.isHungUp();
  }

  String errorReason() {
    return reason.get();
  }

  void onDisconnect(Runnable callback) {
    synchronized (callbacks) {
      if (state.get() == State.CONNECTED) {
        callbacks.add(callback);
        return;
      }
    }
    if (state.get() == State.ERROR) {
      fabric.loop().execute(callback);
    }
  }

  /** After a request of this end ended badly: the connection is in error, perhaps at both ends. */
  void onBadCompletion(CompletionStatus status, Opcode opcode) {
    if (!isConnected()) {
      return;
    }
    switch (status) {
      case REMOTE_ACCESS_ERROR, REMOTE_INVALID_REQUEST, REMOTE_OPERATION_ERROR ->
          fail(opcode + " ended with " + status, status);
      case FLUSHED -> fail("the peer reported an error of this connection", null);
      default -> fail(opcode + " ended with " + status, null);
    }
  }

  /**
   * Falls into error.
   *
   * @param why one line.
   * @param forPeer what the peer's end is told, so that it falls into error too; null to spare it.
   */
  void fail(String why, CompletionStatus forPeer) {
    memory.markOwnError();
    reason.compareAndSet(null, why);
    List<Runnable> toRun;
    synchronized (callbacks) {
      if (!state.compareAndSet(State.CONNECTED, State.ERROR)) {
        return;
      }
      toRun = new ArrayList<>(callbacks);
      callbacks.clear();
    }
    if (forPeer != null) {
      memory.markPeerError();
      channel.send(ControlMessage.ofInt(ControlMessage.Type.FAILED, forPeer.ordinal()));
    }
    ((ShmCompletionQueue) config.receiveQueue()).signal();
    ((ShmCompletionQueue) config.sendQueue()).signal();
    for (Runnable callback : toRun) {
      fabric.loop().execute(callback);
    }
    fabric.loop().wakeUp();
  }

  /** Starts to listen to the control socket. */
  boolean start() {
    return channel.watch(this);
  }

  @Override
  public void onReady() {
    for (int i = 0; i < MESSAGES_PER_TURN; i++) {
      switch (channel.receive()) {
        case MESSAGE -> onMessage(channel.message());
        case NOTHING -> {
          return;
        }
        case END -> {
          onPeerGone("the peer (process " + connection.peer().pid() + ") closed or died");
          return;
        }
        case MALFORMED -> {
          fabric.counters().onMalformed();
          onPeerGone("the peer sent a malformed control message");
          return;
        }
      }
    }
  }

  private void onPeerGone(String why) {
    peerGone = true;
    memory.markPeerError();
    channel.close();
    fail(why, null);
  }

  private void onMessage(ControlMessage message) {
    switch (message.type()) {
      case MEMORY_REQUEST -> answer(message.body().getInt());
      case MEMORY -> onMemory(message);
      case MEMORY_GONE ->
          fabric.connections().unmapMemory(connection.remote(), message.body().getInt());
      case FAILED -> onFailed(message.body().getInt());
      case HELLO, ACCEPT, REJECT -> {
        message.discard();
        fabric.counters().onMalformed();
        onPeerGone("the peer sent " + message.type() + " on an established connection");
      }
    }
  }

  private void answer(int memoryId) {
    ShmMemory found = fabric.memory(memoryId);
    if (found == null || !found.sendTo(channel)) {
      channel.send(ControlMessage.ofInt(ControlMessage.Type.MEMORY_GONE, memoryId));
    }
  }

  private void onMemory(ControlMessage message) {
    int memoryId = message.body().getInt();
    fabric.connections().unmapPredecessor(connection.remote(), memoryId);
    boolean mapped =
        connection.remote().mapMemory(memoryId, message.descriptors()[0], message.body().getLong());
    message.discard();
    if (!mapped) {
      fail(
          "the peer's memory could not be mapped: out of address space or not a sealed memfd",
          null);
    }
  }

  private void onFailed(int code) {
    CompletionStatus status =
        code >= 0 && code < STATUSES.length
            ? STATUSES[code]
            : CompletionStatus.REMOTE_OPERATION_ERROR;
    fail("a request of the peer ended with " + status, null);
  }

  void requestMemory(int memoryId) {
    channel.send(ControlMessage.ofInt(ControlMessage.Type.MEMORY_REQUEST, memoryId));
  }

  /** From now on the peer expects other messages than the answer to its introduction. */
  void onIntroduced() {
    introduced = true;
  }

  /** Tells the peer that a memory is no more; a peer that is not through yet knows of none. */
  void sendMemoryGone(int memoryId) {
    if (!introduced) {
      return;
    }
    channel.send(ControlMessage.ofInt(ControlMessage.Type.MEMORY_GONE, memoryId));
  }

  void close() {
    synchronized (callbacks) {
      if (state.getAndSet(State.CLOSED) == State.CLOSED) {
        return;
      }
      callbacks.clear();
    }
    memory.markOwnError();
    fabric.connections().quiesce(connection);
    channel.close();
    fabric.connections().release(connection);
  }
}
