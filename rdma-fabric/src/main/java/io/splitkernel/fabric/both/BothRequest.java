package io.splitkernel.fabric.both;

import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.ConnectionRequest;
import io.splitkernel.fabric.FabricException;

/** A request that came by one of the providers. */
record BothRequest(BothFabric fabric, ConnectionRequest request, boolean near)
    implements ConnectionRequest {
  @Override
  public byte[] privateData() {
    return request.privateData();
  }

  @Override
  public Connection accept(ConnectionConfig config) throws FabricException {
    fabric.check(config);
    return fabric.established(config, request.accept(fabric.on(near, config)));
  }

  @Override
  public void reject(String reason) {
    request.reject(reason);
  }
}
