package io.splitkernel.protocol.cluster;

import io.splitkernel.fabric.FabricAddress;

/**
 * Who serves a volume of files now.
 *
 * @param nodeId of the memory component that caches it, 0 when clients use the storage component.
 * @param address of that memory component, null when there is none.
 * @param epoch under which the volume is used.
 * @param keptSinceEpoch the owners of this and every later epoch have written everything back
 *     before another one came.
 */
public record VolumePlace(long nodeId, FabricAddress address, long epoch, long keptSinceEpoch) {}
