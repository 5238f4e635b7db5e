package io.splitkernel.fabric.shm;

import io.splitkernel.fabric.CompletionBatch;
import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.ffi.FileDescriptor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The established connections of a fabric, and the peer fabrics that they share. A deregistration
 * reads it while connections cannot be unmapped.
 */
final class Connections implements EventLoop.Duty {
  private final ShmFabric fabric;
  private final ShmConfig config;
  private final ReentrantReadWriteLock topology = new ReentrantReadWriteLock();
  private final CopyOnWriteArrayList<ShmConnection> all = new CopyOnWriteArrayList<>();
  private final Map<FileDescriptor.Status, RemoteFabric> remotes = new HashMap<>();
  private final AtomicInteger numbers;

  Connections(ShmFabric fabric, ShmConfig config, int numbersFrom) {
    this.fabric = fabric;
    this.config = config;
    this.numbers = new AtomicInteger(numbersFrom);
  }

  /**
   * Builds an end from what both sides said, and starts it.
   *
   * @param side 0 for the connector, 1 for the acceptor.
   * @param peerTableFd stays the caller's, as does {@code memoryFd}.
   */
  ShmConnection establish(
      int side,
      ConnectionConfig own,
      Introduction peer,
      PeerEnd end,
      int peerTableFd,
      int memoryFd,
      ControlChannel channel)
      throws FabricException {
    if (all.size() >= config.connectionsMax()) {
      throw new FabricException(
          "all " + config.connectionsMax() + " connections are taken; raise connectionsMax");
    }
    int connectorDepth = side == 0 ? own.receiveDepth() : peer.receiveDepth();
    int acceptorDepth = side == 0 ? peer.receiveDepth() : own.receiveDepth();
    RemoteFabric remote = retain(peerTableFd, peer);
    ShmConnection connection;
    try {
      ConnectionMemory memory = ConnectionMemory.map(memoryFd, side, connectorDepth, acceptorDepth);
      connection =
          new ShmConnection(fabric, numbers.incrementAndGet(), own, memory, end, remote, channel);
    } catch (FabricException e) {
      release(remote);
      throw e;
    }
    if (side == 0) {
      connection.life().onIntroduced();
    }
    connection.sendCompletions().attach(connection.sends());
    connection.receiveCompletions().attach(connection.receives());
    topology.writeLock().lock();
    try {
      all.add(connection);
    } finally {
      topology.writeLock().unlock();
    }
    if (!connection.life().start()) {
      connection.close();
      throw new FabricException("epoll_ctl(control socket): the kernel refused");
    }
    return connection;
  }

  private synchronized RemoteFabric retain(int tableFd, Introduction peer) throws FabricException {
    FileDescriptor.Status identity = FileDescriptor.status(tableFd);
    RemoteFabric remote = identity == null ? null : remotes.get(identity);
    if (remote == null) {
      remote = RemoteFabric.map(tableFd, peer);
      remotes.put(remote.identity(), remote);
    }
    remote.retain();
    return remote;
  }

  private synchronized void release(RemoteFabric remote) {
    if (remote.release()) {
      remotes.remove(remote.identity());
      remote.unmapAll();
    }
  }

  /** Waits until neither end operates through the connection any more, within the bound. */
  void quiesce(ShmConnection connection) {
    connection.sendCompletions().detach(connection.sends());
    connection.receiveCompletions().detach(connection.receives());
    connection.awaitOwnIdle();
    connection.awaitPeerIdle(0, System.nanoTime() + config.deregistrationTimeoutNs());
    connection.pendingProgress().end();
  }

  /** Takes a quiescent connection apart; completions that were not polled stay in their queues. */
  void release(ShmConnection connection) {
    CompletionBatch sent = new CompletionBatch(connection.sends().capacity());
    connection.sends().drain(sent);
    connection.sendCompletions().keep(sent);
    CompletionBatch received = new CompletionBatch(connection.receives().capacity());
    connection.receives().drain(received);
    connection.receiveCompletions().keep(received);
    topology.writeLock().lock();
    try {
      all.remove(connection);
      connection.memory().close();
    } finally {
      topology.writeLock().unlock();
    }
    connection.pending().close();
    connection.peer().close();
    release(connection.remote());
  }

  /** Waits until no operation uses a revoked key of the domain; false when a peer is stopped. */
  boolean awaitIdle(ShmProtectionDomain domain, int key) {
    long deadline = System.nanoTime() + config.deregistrationTimeoutNs();
    boolean idle = true;
    topology.readLock().lock();
    try {
      for (ShmConnection connection : all) {
        if (connection.domain() == domain) {
          connection.awaitOwnIdle();
          idle &= connection.awaitPeerIdle(key, deadline);
        }
      }
    } finally {
      topology.readLock().unlock();
    }
    return idle;
  }

  /** Event thread: the peer has closed a memory. */
  void unmapMemory(RemoteFabric remote, int memoryId) {
    remote.unmapMemory(
        memoryId,
        () -> {
          for (ShmConnection connection : all) {
            if (connection.remote() == remote) {
              connection.awaitOwnIdle();
            }
          }
        });
  }

  /**
   * Event thread: a memory has come. Another one with its index was closed before, but nobody could
   * tell when there was no connection on which it had been announced.
   */
  void unmapPredecessor(RemoteFabric remote, int memoryId) {
    int mapped = remote.mappedIdLike(memoryId);
    if (mapped != 0 && mapped != memoryId) {
      unmapMemory(remote, mapped);
    }
  }

  /** Tells every peer that a memory of this fabric is no more. */
  void announceGone(int memoryId) {
    for (ShmConnection connection : all) {
      connection.life().sendMemoryGone(memoryId);
    }
  }

  void closeAll(ShmProtectionDomain domain) {
    for (ShmConnection connection : List.copyOf(all)) {
      if (domain == null || connection.domain() == domain) {
        connection.close();
      }
    }
  }

  @Override
  public long doWork(long nowNs) {
    long next = Long.MAX_VALUE;
    for (ShmConnection connection : all) {
      next = Math.min(next, connection.progress(nowNs));
    }
    return next;
  }
}
