package io.splitkernel.protocol.rpc;

import io.splitkernel.fabric.ConnectionRequest;
import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.Listener;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.Secret;
import java.security.SecureRandom;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Listens, lets peers join, and runs one thread for each joined connection. Bounded in connections
 * that have joined and in those that have not yet.
 */
public final class RpcServer implements AutoCloseable {
  private static final long ACCEPT_NS = 500_000_000L;
  private static final long CLOSE_TIMEOUT_MS = 5_000;

  private final Fabric fabric;
  private final Listener listener;
  private final Secret secret;
  private final RpcSettings settings;
  private final RpcEvents events;
  private final Service service;
  private final SecureRandom random = new SecureRandom();
  private final Set<Peer> peers = ConcurrentHashMap.newKeySet();
  private final Semaphore connections;
  private final Semaphore joining;
  private final Thread acceptor;
  private volatile boolean closed;

  /** The cure where {@link RpcSettings#connectionsMax} is the setting {@code clients-max}. */
  public static final String RAISE_CLIENTS_MAX = "end a client, or raise clients-max there";

  /** What the owner does with its peers. */
  public interface Service {
    /**
     * A peer has joined. Called on the connection's thread, before its first message.
     *
     * @param connection to the peer.
     * @return what handles its messages.
     */
    MessageHandler onJoined(RpcConnection connection);

    /**
     * A request for a data connection; to be accepted or rejected. Called on the accepting thread.
     *
     * @param request untrusted.
     * @param preamble untrusted.
     */
    default void onDataRequest(ConnectionRequest request, ConnectionPreamble preamble) {
      request.reject("no data connections here");
    }

    /**
     * What helps when all connections are taken, for who is refused then.
     *
     * @return a few words.
     */
    default String cureWhenFull() {
      return "end a client";
    }
  }

  private record Peer(MessageChannel channel, Thread thread) {}

  private RpcServer(
      Fabric fabric,
      Listener listener,
      Secret secret,
      RpcSettings settings,
      RpcEvents events,
      Service service) {
    this.fabric = fabric;
    this.listener = listener;
    this.secret = secret;
    this.settings = settings;
    this.events = events;
    this.service = service;
    this.connections = new Semaphore(settings.connectionsMax());
    this.joining = new Semaphore(settings.joiningMax());
    this.acceptor =
        Thread.ofPlatform()
            .daemon()
            .name("rpc-accept-" + listener.address().port())
            .unstarted(this::acceptLoop);
  }

  /**
   * Starts listening.
   *
   * @param fabric of this process; stays the caller's.
   * @param address to listen on; port 0 chooses one.
   * @param secret that peers must know.
   * @param settings limits.
   * @param events what to count.
   * @param service what to do with peers.
   * @return the running server.
   * @throws FabricException when the address cannot be had.
   */
  public static RpcServer start(
      Fabric fabric,
      FabricAddress address,
      Secret secret,
      RpcSettings settings,
      RpcEvents events,
      Service service)
      throws FabricException {
    RpcServer server =
        new RpcServer(fabric, fabric.listen(address), secret, settings, events, service);
    server.acceptor.start();
    return server;
  }

  /**
   * Where it listens, with the real port.
   *
   * @return the address.
   */
  public FabricAddress address() {
    return listener.address();
  }

  private void acceptLoop() {
    while (!closed) {
      ConnectionRequest request;
      try {
        request = listener.accept(ACCEPT_NS);
      } catch (FabricException e) {
        if (!closed) {
          events.onJoinFailed(e.getMessage());
        }
        return;
      }
      if (request != null) {
        admit(request);
      } else if (listener.isClosed()) {
        return;
      }
    }
  }

  private void admit(ConnectionRequest request) {
    ConnectionPreamble preamble = ConnectionPreamble.decode(request.privateData());
    if (preamble == null) {
      request.reject("not a connection of this protocol version");
      events.onJoinFailed("a connection without preamble");
    } else if (preamble.kind() != ConnectionPreamble.Kind.CONTROL) {
      service.onDataRequest(request, preamble);
    } else if (!connections.tryAcquire()) {
      int most = settings.connectionsMax();
      request.reject("too many connections: all " + most + " are taken; " + service.cureWhenFull());
    } else if (!joining.tryAcquire()) {
      connections.release();
      request.reject(
          "too many connections that have not joined yet, "
              + settings.joiningMax()
              + "; try again");
    } else {
      acceptControl(request);
    }
  }

  private void acceptControl(ConnectionRequest request) {
    MessageChannel channel = null;
    try {
      channel = MessageChannel.open(fabric, settings);
      channel.attach(request.accept(channel.config(settings)));
    } catch (FabricException e) {
      if (channel == null) {
        request.reject("out of resources");
      } else {
        channel.close();
      }
      connections.release();
      joining.release();
      events.onJoinFailed(e.getMessage());
      return;
    }
    MessageChannel accepted = channel;
    Thread thread =
        Thread.ofPlatform().daemon().name("rpc-joining").unstarted(() -> serve(accepted));
    peers.add(new Peer(accepted, thread));
    thread.start();
  }

  private void serve(MessageChannel channel) {
    RpcConnection connection = null;
    try {
      NodeIdentity peer = join(channel);
      if (peer != null) {
        Thread.currentThread().setName("rpc-" + peer.name());
        connection = new RpcConnection(channel, settings, events, peer);
        events.onJoined(peer, channel.connection().provider());
        connection.run(service.onJoined(connection));
      }
    } finally {
      channel.close();
      peers.removeIf(p -> p.channel() == channel);
      connections.release();
    }
  }

  private NodeIdentity join(MessageChannel channel) {
    try {
      return new JoinHandshake(
              channel,
              secret,
              random,
              settings.messageBytesMax(),
              System.nanoTime(),
              settings.joinTimeoutNs())
          .accept();
    } catch (ProtocolViolation | RuntimeException e) {
      events.onJoinFailed(e.getMessage());
      return null;
    } finally {
      joining.release();
    }
  }

  /** Stops listening and ends every connection; waits for their threads, up to 5 s in all. */
  @Override
  public void close() {
    closed = true;
    listener.close();
    long deadlineMs = System.currentTimeMillis() + CLOSE_TIMEOUT_MS;
    joinUntil(acceptor, deadlineMs);
    Set<Peer> open = Set.copyOf(peers);
    open.forEach(p -> p.channel().disconnect());
    open.forEach(p -> joinUntil(p.thread(), deadlineMs));
  }

  private static void joinUntil(Thread thread, long deadlineMs) {
    if (thread == Thread.currentThread()) {
      return;
    }
    try {
      thread.join(Math.max(1, deadlineMs - System.currentTimeMillis()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
