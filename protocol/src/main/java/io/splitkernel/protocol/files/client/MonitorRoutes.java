package io.splitkernel.protocol.files.client;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.cluster.MonitorClient;
import io.splitkernel.protocol.cluster.NodeInfo;
import io.splitkernel.protocol.cluster.VolumeName;
import io.splitkernel.protocol.cluster.VolumePlace;

/**
 * Asks the monitor for a volume's owner, on a connection of its own each time. Without an owner the
 * way leads to the storage component itself. Any thread.
 *
 * @param fabric of this process; stays the caller's.
 * @param monitor where the monitor listens.
 * @param secret of the cluster.
 * @param volume to find.
 * @param preferredNodeId memory component that should have it if nobody has, or 0.
 * @param timeoutNs deadline of a question.
 */
public record MonitorRoutes(
    Fabric fabric,
    FabricAddress monitor,
    Secret secret,
    VolumeName volume,
    long preferredNodeId,
    long timeoutNs)
    implements VolumeRoutes {
  @Override
  public VolumeRoute find(long refusedEpoch) throws FabricException {
    try (MonitorClient client = MonitorClient.connect(fabric, monitor, secret, timeoutNs)) {
      VolumePlace place = client.findVolume(volume.toString(), preferredNodeId, refusedEpoch);
      boolean cached = place.address() != null;
      return new VolumeRoute(
          cached ? place.address() : storage(client),
          cached ? volume.toString() : volume.volume(),
          place.epoch(),
          place.keptSinceEpoch());
    }
  }

  /** A component keeps its name over restarts, so it is found by that. */
  private FabricAddress storage(MonitorClient client) throws FabricException {
    for (NodeInfo node : client.listNodes()) {
      if (node.role() == NodeRole.STORAGE && node.name().equals(volume.storage())) {
        return node.address();
      }
    }
    throw new FabricException("storage component " + volume.storage() + " is not there");
  }
}
