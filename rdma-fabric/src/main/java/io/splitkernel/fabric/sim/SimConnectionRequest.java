package io.splitkernel.fabric.sim;

import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.ConnectionRequest;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;

/** A connector that waits to be accepted. */
final class SimConnectionRequest implements ConnectionRequest {
  private final SimFabric connector;
  private final SimListener listener;
  private final ConnectionConfig config;
  private final byte[] privateData;
  private SimConnection connected;
  private String refusal;

  SimConnectionRequest(
      SimFabric connector, SimListener listener, ConnectionConfig config, byte[] privateData) {
    this.connector = connector;
    this.listener = listener;
    this.config = config;
    this.privateData = privateData;
  }

  @Override
  public byte[] privateData() {
    return privateData.clone();
  }

  @Override
  public Connection accept(ConnectionConfig acceptorConfig) throws FabricException {
    SimFabric acceptor = listener.fabric();
    synchronized (acceptor.network()) {
      acceptor.checkUsable(acceptorConfig);
      if (isDecided()) {
        throw new FabricException("accept: the connector (" + connector.node() + ") has gone");
      }
      listener.forget(this);
      SimConnection accepted = new SimConnection(acceptor, acceptorConfig);
      connected = new SimConnection(connector, config);
      connected.join(accepted);
      accepted.join(connected);
      acceptor.network().notifyAll();
      return accepted;
    }
  }

  @Override
  public void reject(String reason) {
    synchronized (connector.network()) {
      if (!isDecided()) {
        refusal = reason;
        listener.forget(this);
        connector.network().notifyAll();
      }
    }
  }

  boolean isDecided() {
    return connected != null || refusal != null;
  }

  /** Under the monitor: the connection, or why there is none. */
  Connection outcome(FabricAddress address) throws FabricException {
    if (connected != null) {
      return connected;
    }
    listener.forget(this);
    String why = refusal == null ? "not accepted in time" : "rejected: " + refusal;
    refusal = why;
    throw new FabricException("connect(" + address + "): " + why);
  }
}
