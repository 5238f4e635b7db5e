package io.splitkernel.fabric.shm;

import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.FabricLimits;
import io.splitkernel.fabric.UnreachableException;
import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.UnixSocket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.LockSupport;

/** One attempt to connect, in the caller's thread. */
final class Connector {
  private static final long BACKLOG_PAUSE_NS = 1_000_000L;

  private final ShmFabric fabric;
  private final FabricAddress address;
  private final ConnectionConfig config;
  private final byte[] privateData;
  private final long deadlineNs;
  private final long timeoutNs;

  Connector(
      ShmFabric fabric,
      FabricAddress address,
      ConnectionConfig config,
      byte[] privateData,
      long timeoutNs)
      throws FabricException {
    FabricLimits.checkPrivateData(address, privateData);
    this.fabric = fabric;
    this.address = address;
    this.config = config;
    this.privateData = privateData.clone();
    this.timeoutNs = timeoutNs;
    this.deadlineNs = System.nanoTime() + timeoutNs;
  }

  ShmConnection connect() throws FabricException {
    Introduction own = fabric.introduce(config);
    int fd = UnixSocket.create();
    if (fd < 0) {
      throw failure(Errno.text(fd) + "; raise the limit (ulimit -n)");
    }
    ControlChannel channel = new ControlChannel(fabric.loop(), fd);
    try {
      reach(fd);
      UnixSocket.Peer peer = UnixSocket.peer(fd);
      if (peer == null || !PeerCredentials.isTrusted(peer)) {
        throw unreachable("the listener belongs to another user");
      }
      int[] gifts = {
        fabric.table().readOnlyFd(),
        ((ShmCompletionQueue) config.receiveQueue()).eventDescriptor(),
        fabric.loop().doorbellFd()
      };
      if (!channel.send(ControlMessage.hello(own, privateData), gifts)) {
        throw failure("the listener closed the connection");
      }
      return onAnswer(channel, awaitAnswer(channel), peer.pid());
    } catch (FabricException e) {
      channel.close();
      throw e;
    }
  }

  private void reach(int fd) throws FabricException {
    String name = ShmAddress.socketName(address.port());
    while (true) {
      long result = UnixSocket.connect(fd, name);
      if (result >= 0) {
        return;
      }
      if (result == -Errno.ECONNREFUSED) {
        throw unreachable("nothing listens there; is the component up?");
      }
      if (result != -Errno.EAGAIN && result != -Errno.EINTR) {
        throw failure(Errno.text(result));
      }
      if (deadlineNs - System.nanoTime() <= 0) {
        throw failure("the listener's queue stayed full for " + timeoutNs / 1_000_000 + " ms");
      }
      LockSupport.parkNanos(BACKLOG_PAUSE_NS);
    }
  }

  private ControlMessage awaitAnswer(ControlChannel channel) throws FabricException {
    while (true) {
      switch (channel.receive()) {
        case MESSAGE -> {
          return channel.message();
        }
        case END -> throw failure("the listener closed the connection");
        case MALFORMED -> throw failure("the listener answered garbage; same version?");
        case NOTHING -> {
          long left = deadlineNs - System.nanoTime();
          if (left <= 0) {
            throw failure("not accepted within " + timeoutNs / 1_000_000 + " ms");
          }
          FileDescriptor.awaitReadable(channel.fd(), left);
        }
      }
    }
  }

  private ShmConnection onAnswer(ControlChannel channel, ControlMessage answer, int pid)
      throws FabricException {
    if (answer.type() == ControlMessage.Type.REJECT) {
      throw failure("rejected: " + printable(answer.rest()));
    }
    Introduction peer =
        answer.type() == ControlMessage.Type.ACCEPT ? Introduction.read(answer.body()) : null;
    int[] fds = answer.descriptors();
    if (peer == null || !PeerCredentials.areEvents(fds[1], fds[2])) {
      answer.discard();
      throw failure("the listener answered garbage; same version?");
    }
    PeerEnd end =
        new PeerEnd(peer.domain(), peer.remoteAccess(), peer.queue(), fds[1], fds[2], pid);
    try {
      return fabric.connections().establish(0, config, peer, end, fds[0], fds[3], channel);
    } catch (FabricException e) {
      end.close();
      throw failure(e.getMessage());
    } finally {
      FileDescriptor.close(fds[0]);
      FileDescriptor.close(fds[3]);
    }
  }

  /** What a peer says is shown on one line. */
  private static String printable(byte[] text) {
    return new String(text, StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}", "?");
  }

  private FabricException failure(String why) {
    return new FabricException("connect(" + address + "): " + why);
  }

  private FabricException unreachable(String why) {
    return new UnreachableException("connect(" + address + "): " + why);
  }
}
