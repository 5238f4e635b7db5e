package io.splitkernel.fabric.shm;

import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.ConnectionRequest;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.ffi.FileDescriptor;

/** A connector: first silent, then introduced, then accepted, rejected or gone. */
final class ShmConnectionRequest implements ConnectionRequest, EventLoop.Handler {
  private final ShmListener listener;
  private final ShmFabric fabric;
  private final ControlChannel channel;
  private final int pid;
  private final long deadlineNs;
  private volatile ControlMessage hello;
  private Introduction introduction;
  private byte[] privateData = {};
  private boolean done;

  ShmConnectionRequest(ShmListener listener, ControlChannel channel, int pid, long deadlineNs) {
    this.listener = listener;
    this.fabric = listener.fabric();
    this.channel = channel;
    this.pid = pid;
    this.deadlineNs = deadlineNs;
  }

  long deadlineNs() {
    return deadlineNs;
  }

  boolean isIntroduced() {
    return hello != null;
  }

  @Override
  public void onReady() {
    switch (channel.receive()) {
      case MESSAGE -> onMessage(channel.message());
      case NOTHING -> {}
      case END -> drop();
      case MALFORMED -> {
        fabric.counters().onMalformed();
        drop();
      }
    }
  }

  private void onMessage(ControlMessage message) {
    boolean first = hello == null && message.type() == ControlMessage.Type.HELLO;
    Introduction read = first ? Introduction.read(message.body()) : null;
    int[] fds = message.descriptors();
    if (read == null || !PeerCredentials.areEvents(fds[1], fds[2])) {
      message.discard();
      fabric.counters().onMalformed();
      drop();
      return;
    }
    introduction = read;
    privateData = message.rest();
    hello = message;
    listener.onIntroduced(this);
  }

  /** The connector is gone or unwanted. */
  void drop() {
    if (finish()) {
      if (hello != null) {
        hello.discard();
      }
      channel.close();
    }
  }

  private boolean finish() {
    synchronized (this) {
      if (done) {
        return false;
      }
      done = true;
    }
    listener.forget(this);
    return true;
  }

  @Override
  public byte[] privateData() {
    return privateData.clone();
  }

  @Override
  public Connection accept(ConnectionConfig config) throws FabricException {
    Introduction own = fabric.introduce(config);
    if (!finish()) {
      throw new FabricException("accept: the connector (process " + pid + ") has gone");
    }
    int[] fds = hello.descriptors();
    PeerEnd end =
        new PeerEnd(
            introduction.domain(),
            introduction.remoteAccess(),
            introduction.queue(),
            fds[1],
            fds[2],
            pid);
    try {
      return establish(config, own, end, fds[0]);
    } finally {
      FileDescriptor.close(fds[0]);
    }
  }

  private Connection establish(ConnectionConfig config, Introduction own, PeerEnd end, int tableFd)
      throws FabricException {
    int memoryFd = -1;
    ShmConnection connection;
    try {
      memoryFd = ConnectionMemory.create(introduction.receiveDepth(), config.receiveDepth());
      connection =
          fabric.connections().establish(1, config, introduction, end, tableFd, memoryFd, channel);
    } catch (FabricException e) {
      FileDescriptor.close(memoryFd);
      channel.send(ControlMessage.reject("the acceptor is out of resources"));
      channel.close();
      end.close();
      throw e;
    }
    boolean sent =
        channel.send(
            ControlMessage.accept(own),
            fabric.table().readOnlyFd(),
            connection.receiveCompletions().eventDescriptor(),
            fabric.loop().doorbellFd(),
            memoryFd);
    FileDescriptor.close(memoryFd);
    if (!sent) {
      connection.close();
      throw new FabricException("accept: the connector (process " + pid + ") has gone");
    }
    connection.life().onIntroduced();
    return connection;
  }

  @Override
  public void reject(String reason) {
    if (finish()) {
      channel.send(ControlMessage.reject(reason));
      hello.discard();
      channel.close();
    }
  }
}
