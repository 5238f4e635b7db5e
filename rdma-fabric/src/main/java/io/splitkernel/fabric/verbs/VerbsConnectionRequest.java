package io.splitkernel.fabric.verbs;

import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.ConnectionRequest;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.ffi.Errno;
import java.nio.charset.StandardCharsets;

/** An rdma_cm_id on which a peer wants to connect. */
final class VerbsConnectionRequest implements ConnectionRequest {
  private final VerbsFabric fabric;
  private final long id;
  private final byte[] privateData;

  VerbsConnectionRequest(VerbsFabric fabric, long id, byte[] padded) {
    this.fabric = fabric;
    this.id = id;
    this.privateData = Handshake.take(padded);
  }

  @Override
  public byte[] privateData() {
    return privateData.clone();
  }

  @Override
  public Connection accept(ConnectionConfig config) throws FabricException {
    PendingEvents pending = new PendingEvents();
    fabric.events().handle(id, pending);
    try {
      Handshake.createQueuePair(fabric, id, config);
      int result = Handshake.join(id, config, new byte[0], true);
      if (result != 0) {
        throw new FabricException("accept: the peer has gone (" + Errno.text(result) + ")");
      }
      Handshake.limit(id, config);
      pending.awaitAccepted("accept", System.nanoTime() + config.retryTimeoutNs());
    } catch (FabricException e) {
      fabric.events().discard(id);
      throw e;
    }
    return fabric.connected(id, config, pending);
  }

  @Override
  public void reject(String reason) {
    Handshake.reject(id, reason.getBytes(StandardCharsets.UTF_8));
    fabric.events().discard(id);
  }
}
