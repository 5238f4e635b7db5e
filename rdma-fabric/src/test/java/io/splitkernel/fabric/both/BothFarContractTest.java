package io.splitkernel.fabric.both;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricContractTest;
import io.splitkernel.fabric.shm.ProcessResources;

/** The contract when the peer is on another one, without a device. */
class BothFarContractTest extends FabricContractTest {
  @Override
  protected Fabric[] openFabrics() throws Exception {
    return new Fabric[] {BothPairs.open(false), BothPairs.open(false)};
  }

  @Override
  protected long heldResources() throws Exception {
    return ProcessResources.descriptors() + ProcessResources.sharedMappings();
  }
}
