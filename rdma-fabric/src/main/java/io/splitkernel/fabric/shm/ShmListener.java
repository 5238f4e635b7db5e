package io.splitkernel.fabric.shm;

import io.splitkernel.fabric.ConnectionRequest;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.Listener;
import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.UnixSocket;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A listening abstract socket. The event thread takes connectors and reads their introduction; what
 * is garbage, silent or of another user is closed and counted, and never reaches {@link #accept}.
 */
final class ShmListener implements Listener, EventLoop.Handler, EventLoop.Duty {
  private static final int BACKLOG = 128;
  private static final int DYNAMIC_FIRST = 49_152;
  private static final int DYNAMIC_END = 65_536;
  private static final int ATTEMPTS = 1_000;

  private final ShmFabric fabric;
  private final ShmConfig config;
  private final FabricAddress address;
  private final Set<ShmConnectionRequest> connectors = new LinkedHashSet<>();
  private final ArrayDeque<ShmConnectionRequest> introduced = new ArrayDeque<>();
  private int fd;
  private int token;
  private boolean closed;

  private ShmListener(ShmFabric fabric, ShmConfig config, FabricAddress address, int fd) {
    this.fabric = fabric;
    this.config = config;
    this.address = address;
    this.fd = fd;
  }

  static ShmListener open(ShmFabric fabric, ShmConfig config, FabricAddress wanted)
      throws FabricException {
    int fd = UnixSocket.create();
    if (fd < 0) {
      throw new FabricException("listen(" + wanted + "): " + Errno.text(fd));
    }
    int port = wanted.port();
    long result;
    int attempts = 0;
    do {
      port = wanted.port() != 0 ? port : random();
      result = UnixSocket.listen(fd, ShmAddress.socketName(port), BACKLOG);
    } while (result == -Errno.EADDRINUSE && wanted.port() == 0 && ++attempts < ATTEMPTS);
    if (result < 0) {
      FileDescriptor.close(fd);
      throw new FabricException(
          "listen(" + wanted + "): " + Errno.text(result) + "; is the component running already?");
    }
    ShmListener listener =
        new ShmListener(fabric, config, new FabricAddress(wanted.host(), port), fd);
    listener.token = fabric.loop().register(fd, listener);
    fabric.loop().add(listener);
    return listener;
  }

  private static int random() {
    return ThreadLocalRandom.current().nextInt(DYNAMIC_FIRST, DYNAMIC_END);
  }

  ShmFabric fabric() {
    return fabric;
  }

  @Override
  public FabricAddress address() {
    return address;
  }

  @Override
  public synchronized void onReady() {
    while (!closed) {
      int accepted = UnixSocket.accept(fd);
      if (accepted < 0) {
        return;
      }
      admit(accepted);
    }
  }

  private void admit(int accepted) {
    UnixSocket.Peer peer = UnixSocket.peer(accepted);
    ControlChannel channel = new ControlChannel(fabric.loop(), accepted);
    if (peer == null || !PeerCredentials.isTrusted(peer)) {
      fabric.counters().onForeign();
      channel.close();
    } else if (connectors.size() >= config.handshakesMax()) {
      fabric.counters().onOverflowed();
      channel.close();
    } else {
      long deadline = System.nanoTime() + config.handshakeTimeoutNs();
      ShmConnectionRequest request = new ShmConnectionRequest(this, channel, peer.pid(), deadline);
      connectors.add(request);
      channel.watch(request);
    }
  }

  /** Event thread: a connector has introduced itself. */
  synchronized void onIntroduced(ShmConnectionRequest request) {
    introduced.add(request);
    notifyAll();
  }

  /** A connector left, or was taken care of. */
  synchronized void forget(ShmConnectionRequest request) {
    connectors.remove(request);
    introduced.remove(request);
  }

  @Override
  public synchronized long doWork(long nowNs) {
    long next = Long.MAX_VALUE;
    for (ShmConnectionRequest request : List.copyOf(connectors)) {
      if (!request.isIntroduced()) {
        long left = request.deadlineNs() - nowNs;
        if (left <= 0) {
          fabric.counters().onExpired();
          request.drop();
        } else {
          next = Math.min(next, left);
        }
      }
    }
    return next;
  }

  @Override
  public synchronized ConnectionRequest accept(long timeoutNs) throws FabricException {
    long deadline = System.nanoTime() + timeoutNs;
    while (introduced.isEmpty() && !closed) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return null;
      }
      try {
        wait(left / 1_000_000, (int) (left % 1_000_000));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return null;
      }
    }
    return introduced.poll();
  }

  @Override
  public synchronized boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      fabric.loop().remove(this);
      fabric.loop().unregister(token, fd);
      FileDescriptor.close(fd);
      fd = -1;
      List.copyOf(connectors).forEach(ShmConnectionRequest::drop);
      notifyAll();
    }
    fabric.forget(this);
  }
}
