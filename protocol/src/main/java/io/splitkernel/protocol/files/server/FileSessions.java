package io.splitkernel.protocol.files.server;

import io.splitkernel.fabric.ConnectionRequest;
import io.splitkernel.protocol.rpc.ConnectionPreamble;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The connections of clients by client. A client has one at a time: when it comes back, operations
 * of the earlier connection end before any of the new one begins, so that none of them overwrites
 * what was written later.
 */
final class FileSessions {
  private final Map<Long, FileSession> open = new ConcurrentHashMap<>();
  private final long drainNs;

  FileSessions(long drainNs) {
    this.drainNs = drainNs;
  }

  /** Thread of the new connection; false when operations of the earlier one do not end. */
  boolean enter(long clientId, FileSession session) {
    FileSession earlier = open.put(clientId, session);
    if (earlier == null || earlier == session) {
      return true;
    }
    earlier.end("the client has come back on another connection");
    if (earlier.awaitIdle(drainNs)) {
      return true;
    }
    open.replace(clientId, session, earlier);
    return false;
  }

  void leave(long clientId, FileSession session) {
    if (session.awaitIdle(drainNs)) {
      open.remove(clientId, session);
    }
  }

  void acceptData(ConnectionRequest request, ConnectionPreamble preamble) {
    FileSession session =
        preamble.kind() == ConnectionPreamble.Kind.FILES ? open.get(preamble.spaceId()) : null;
    if (session == null || !session.knows(preamble.tokenHigh(), preamble.tokenLow())) {
      request.reject("no such files session");
      return;
    }
    session.acceptData(request);
  }
}
