package io.splitkernel.protocol.files.client;

import io.splitkernel.fabric.FabricException;

/** Finds the way to a volume; asked for each attempt to connect. */
@FunctionalInterface
public interface VolumeRoutes {
  /**
   * Asks.
   *
   * @param refusedEpoch the highest epoch that has been heard of from a server that refused a lower
   *     one, or 0.
   * @return the way.
   * @throws FabricException when it is not known now; asked again later.
   */
  VolumeRoute find(long refusedEpoch) throws FabricException;
}
