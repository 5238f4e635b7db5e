package io.splitkernel.protocol.files.client;

import io.splitkernel.fabric.FabricAddress;

/**
 * The way to a volume, or to a server as such.
 *
 * @param address where the server listens.
 * @param volume its name at that server; empty for the server as such, whose volumes have their own
 *     names.
 * @param epoch under which it is used.
 * @param keptSinceEpoch the owners of this and every later epoch until now have written everything
 *     back before another one came.
 */
public record VolumeRoute(FabricAddress address, String volume, long epoch, long keptSinceEpoch) {
  /** To a server that is used without epochs. */
  static VolumeRoute toServer(FabricAddress address) {
    return new VolumeRoute(address, "", 0, 0);
  }

  /** Whether it leads to one volume only. */
  boolean toVolume() {
    return !volume.isEmpty();
  }
}
