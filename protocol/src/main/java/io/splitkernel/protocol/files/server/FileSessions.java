package io.splitkernel.protocol.files.server;

import io.splitkernel.fabric.ConnectionRequest;
import io.splitkernel.protocol.rpc.ConnectionPreamble;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The clients that are connected, or whose operations still run. A client has one connection at a
 * time: when it comes back, operations of all its earlier connections end before any of the new one
 * begins, so that none of them overwrites what was written later.
 */
final class FileSessions {
  private final Map<Long, ClientOperations> clients = new ConcurrentHashMap<>();
  private final long drainNs;
  private final FileServerEvents events;

  FileSessions(long drainNs, FileServerEvents events) {
    this.drainNs = drainNs;
    this.events = events;
  }

  /**
   * Thread of the new connection, which must {@link #leave} whatever comes out.
   *
   * @return false when operations of earlier ones do not end in time.
   */
  boolean enter(long clientId, FileSession session) {
    FileSession[] earlier = new FileSession[1];
    ClientOperations client =
        clients.compute(
            clientId,
            (id, known) -> {
              ClientOperations now = known == null ? added() : known;
              earlier[0] = now.enter(session);
              return now;
            });
    session.belongsTo(client);
    if (earlier[0] != null) {
      earlier[0].end("the client has come back on another connection");
    }
    return client.awaitIdle(session, drainNs);
  }

  private ClientOperations added() {
    events.onClients(1);
    return new ClientOperations();
  }

  private ClientOperations keptOrRemoved(ClientOperations client) {
    if (!client.isUnused()) {
      return client;
    }
    events.onClients(-1);
    return null;
  }

  /** The connection has ended. */
  void leave(long clientId, FileSession session) {
    clients.computeIfPresent(
        clientId,
        (id, client) -> {
          client.leave(session);
          return keptOrRemoved(client);
        });
  }

  /** An operation of an ended connection is over. */
  void forgetUnused(long clientId) {
    clients.computeIfPresent(clientId, (id, client) -> keptOrRemoved(client));
  }

  /** Ids of those that are connected, or whose operations still run. */
  Set<Long> clients() {
    return Set.copyOf(clients.keySet());
  }

  void acceptData(ConnectionRequest request, ConnectionPreamble preamble) {
    ClientOperations client =
        preamble.kind() == ConnectionPreamble.Kind.FILES ? clients.get(preamble.spaceId()) : null;
    FileSession session = client == null ? null : client.current();
    if (session == null || !session.knows(preamble.tokenHigh(), preamble.tokenLow())) {
      request.reject("no such files session");
      return;
    }
    session.acceptData(request);
  }
}
