package io.splitkernel.protocol.files.client;

import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;

/** Says where the server listens now; asked for each attempt to connect. */
@FunctionalInterface
public interface Target {
  /**
   * Asks.
   *
   * @return the address.
   * @throws FabricException when it is not known now; asked again later.
   */
  FabricAddress address() throws FabricException;
}
