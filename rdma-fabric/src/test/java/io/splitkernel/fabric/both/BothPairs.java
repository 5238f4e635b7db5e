package io.splitkernel.fabric.both;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.shm.FarShmFabric;
import io.splitkernel.fabric.shm.ShmConfig;
import io.splitkernel.fabric.shm.ShmFabric;

/** Fabrics of two providers for tests. */
final class BothPairs {
  private BothPairs() {}

  /** Shared memory whose connections can be told from those of another provider. */
  static ShmFabric near(int inlineBytesMax) throws FabricException {
    return ShmFabric.open(ShmConfig.defaults(), BothFabric.NEAR_CONNECTIONS_FROM, inlineBytesMax);
  }

  /** Shared memory, and shared memory that stands for another machine's provider. */
  static BothFabric open(boolean everybodyIsHere) throws FabricException {
    return over(new FarShmFabric(), everybodyIsHere);
  }

  /** Shared memory and another provider. */
  static BothFabric over(Fabric far, boolean everybodyIsHere) throws FabricException {
    return new BothFabric(near(far.limits().inlineBytesMax()), far, _ -> everybodyIsHere);
  }
}
